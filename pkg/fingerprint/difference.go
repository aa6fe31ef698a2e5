package fingerprint

import (
	"encoding/binary"
	"image"
	"math/bits"
)

// The picture is brought down to 9 x 8 cells; each row gives a bit for each of
// its 8 pairs of neighbours.
const (
	columns = 9
	rows    = 8
)

// step is the least difference of two neighbours, in levels of grey out of 255,
// that counts as one. What is less is noise of the compression, by which even
// areas, most of a page of text, would get other bits in every copy.
const step = 2

// Difference is a 64-bit difference hash: the picture in grey, averaged to 9 x 8
// cells of equal area, and for each cell but the last of a row, from the top left
// on, a bit that says whether the cell to its right is lighter. The first bit is
// the highest of the first byte.
//
// The stored pixels count: colours are taken as if nothing were transparent, and
// no orientation is applied. A picture without pixels has the hash 0. The time
// grows with the number of pixels, which is for the caller to bound.
func Difference(img image.Image) [8]byte {
	var hash [8]byte
	size := img.Bounds().Size()
	if size.X <= 0 || size.Y <= 0 {
		return hash
	}
	least := step * uint64(size.X) * uint64(size.Y)
	var packed uint64
	for _, row := range cells(img) {
		for x := 1; x < columns; x++ {
			packed <<= 1
			if row[x] >= row[x-1]+least {
				packed |= 1
			}
		}
	}
	binary.BigEndian.PutUint64(hash[:], packed)
	return hash
}

// Distance is the number of bits in which two hashes differ, from 0 to 64.
func Distance(a, b [8]byte) int {
	return bits.OnesCount64(binary.BigEndian.Uint64(a[:]) ^ binary.BigEndian.Uint64(b[:]))
}

// cells sums up the grey levels of each cell. A pixel on a border counts for both
// sides with the part that lies there: cut into ninths of its width and eighths
// of its height, that is exact in whole numbers, and every cell has as many such
// parts as the picture has pixels.
func cells(img image.Image) (sums [rows][columns]uint64) {
	bounds, grey := img.Bounds(), greyOf(img)
	for y := range bounds.Dy() {
		var line [columns]uint64
		for x := range bounds.Dx() {
			level := grey(bounds.Min.X+x, bounds.Min.Y+y)
			for c, part := range parts(x, bounds.Dx(), columns) {
				line[c] += level * part
			}
		}
		for r, part := range parts(y, bounds.Dy(), rows) {
			for c := range line {
				sums[r][c] += line[c] * part
			}
		}
	}
	return sums
}

// parts gives the cells that pixel i of n touches, and how many of the pixel's
// parts, as many as there are cells, lie in each.
func parts(i, n, cells int) func(yield func(cell int, part uint64) bool) {
	return func(yield func(int, uint64) bool) {
		from, to := i*cells, (i+1)*cells
		for c := from / n; c*n < to; c++ {
			if !yield(c, uint64(min((c+1)*n, to)-max(c*n, from))) {
				return
			}
		}
	}
}

// greyOf gives the function that reads a pixel's grey level, from 0 to 255.
func greyOf(img image.Image) func(x, y int) uint64 {
	switch img := img.(type) {
	case *image.YCbCr:
		// What a JPEG is decoded to; its first plane is the grey level.
		return func(x, y int) uint64 { return uint64(img.Y[img.YOffset(x, y)]) }
	case *image.Gray:
		return func(x, y int) uint64 { return uint64(img.GrayAt(x, y).Y) }
	default:
		return func(x, y int) uint64 {
			r, g, b, alpha := img.At(x, y).RGBA()
			// They come multiplied by alpha, and out of 65535.
			return (299*uint64(r) + 587*uint64(g) + 114*uint64(b)) * 255 / (1000 * uint64(max(alpha, 1)))
		}
	}
}
