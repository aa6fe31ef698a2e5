package fingerprint

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// painting is an invented picture: a shaded ground, some discs and a page-like
// block with lines of text, drawn at any size.
func painting(seed uint64, width, height int) image.Image {
	draw := rand.New(rand.NewPCG(seed, 1))
	type disc struct{ x, y, r, level float64 }
	discs := make([]disc, 8)
	for i := range discs {
		discs[i] = disc{draw.Float64(), draw.Float64(), 0.08 + 0.25*draw.Float64(), 255 * draw.Float64()}
	}
	slope := 2 * math.Pi * draw.Float64()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for py := range height {
		for px := range width {
			x, y := (float64(px)+0.5)/float64(width), (float64(py)+0.5)/float64(height)
			level := 128 + 90*((x-0.5)*math.Cos(slope)+(y-0.5)*math.Sin(slope))
			for _, d := range discs {
				if math.Hypot(x-d.x, y-d.y) < d.r {
					level = d.level
				}
			}
			g := uint8(level)
			copy(img.Pix[img.PixOffset(px, py):], []uint8{g, g, g, 255})
		}
	}
	return img
}

// recompressed is the picture after a JPEG of the quality.
func recompressed(t *testing.T, img image.Image, quality int) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	again, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestCopiesLieNearAndOthersFar(t *testing.T) {
	const pictures, near = 40, 10
	var hashes [pictures][8]byte
	worst := 0
	for i := range hashes {
		hashes[i] = Difference(painting(uint64(i), 160, 120))
		for _, copied := range []image.Image{
			painting(uint64(i), 320, 240),
			painting(uint64(i), 40, 30),
			recompressed(t, painting(uint64(i), 160, 120), 30),
			recompressed(t, painting(uint64(i), 40, 30), 20),
		} {
			worst = max(worst, Distance(hashes[i], Difference(copied)))
		}
	}
	nearest, sum, pairs := 64, 0, 0
	for i := range hashes {
		for j := range i {
			d := Distance(hashes[i], hashes[j])
			nearest, sum, pairs = min(nearest, d), sum+d, pairs+1
		}
	}
	t.Logf("copies at most %d apart; others at least %d, %d on average", worst, nearest, sum/pairs)
	if worst > near {
		t.Errorf("a copy lies %d bits away", worst)
	}
	if nearest <= near || sum/pairs < 24 {
		t.Errorf("other pictures lie %d bits away at least and %d on average", nearest, sum/pairs)
	}
}

func TestPicturesWithoutStepsHaveTheHash0(t *testing.T) {
	flat := image.NewGray(image.Rect(0, 0, 40, 30))
	for i := range flat.Pix {
		flat.Pix[i] = 200
	}
	noisy := image.NewGray(flat.Rect)
	for i := range noisy.Pix {
		noisy.Pix[i] = 200 + uint8(i&1)
	}
	for name, img := range map[string]image.Image{
		"no pixels":     image.NewGray(image.Rectangle{}),
		"a line":        image.NewGray(image.Rect(0, 0, 0, 10)),
		"one colour":    flat,
		"noise":         noisy,
		"compressed":    recompressed(t, flat, 20),
		"darkens right": ramp(40, 30, -1),
	} {
		if hash := Difference(img); hash != [8]byte{} {
			t.Errorf("%s has the hash %x", name, hash)
		}
	}
	if hash := Difference(ramp(40, 30, 1)); Distance(hash, [8]byte{}) != 64 {
		t.Errorf("a picture that gets lighter to the right has the hash %x", hash)
	}
}

// ramp gets lighter to the right, or darker.
func ramp(width, height, sign int) image.Image {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Pix[img.PixOffset(x, y)] = uint8(128 + sign*(x*240/width-120))
		}
	}
	return img
}

func TestTheFirstBitIsTheHighestOfTheFirstByte(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, columns, rows))
	img.Pix[1], img.Pix[columns*rows-1] = 255, 255
	if hash, want := Difference(img), [8]byte{0x80, 7: 0x01}; hash != want {
		t.Errorf("got %x, want %x", hash, want)
	}
}

func TestTransparencyDoesNotChangeColours(t *testing.T) {
	sheer, opaque := image.NewNRGBA(image.Rect(0, 0, 40, 30)), image.NewNRGBA(image.Rect(0, 0, 40, 30))
	draw := rand.New(rand.NewPCG(7, 7))
	for y := range 30 {
		for x := range 40 {
			g := uint8(draw.Uint32())
			copy(sheer.Pix[sheer.PixOffset(x, y):], []uint8{g, g, g, uint8(15 + x*6)})
			copy(opaque.Pix[opaque.PixOffset(x, y):], []uint8{g, g, g, 255})
		}
	}
	if a, b := Difference(sheer), Difference(opaque); a != b {
		t.Errorf("hashes %x and %x", a, b)
	}
}

// slowCells makes each pixel 9 wide and 8 high, so that cells have no borders
// inside a pixel, and sums them up.
func slowCells(img *image.Gray) (sums [rows][columns]uint64) {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	for y := range height * rows {
		for x := range width * columns {
			level := img.GrayAt(img.Rect.Min.X+x/columns, img.Rect.Min.Y+y/rows).Y
			sums[y/height][x/width] += uint64(level)
		}
	}
	return sums
}

func TestCellsAreThoseOfTheSlowWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width, height := rapid.IntRange(1, 50).Draw(t, "width"), rapid.IntRange(1, 50).Draw(t, "height")
		x, y := rapid.IntRange(-5, 5).Draw(t, "x"), rapid.IntRange(-5, 5).Draw(t, "y")
		img := image.NewGray(image.Rect(x, y, x+width, y+height))
		draw := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		for i := range img.Pix {
			img.Pix[i] = uint8(draw.Uint32())
		}
		if got, want := cells(img), slowCells(img); got != want {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func BenchmarkDifferenceOfAThumbnail(b *testing.B) {
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, painting(1, 40, 30), nil); err != nil {
		b.Fatal(err)
	}
	img, err := jpeg.Decode(&buf)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		Difference(img)
	}
}
