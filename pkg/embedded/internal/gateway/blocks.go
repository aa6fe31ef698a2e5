package gateway

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
)

// blockBytes is how much of a result one compressed block holds.
const blockBytes = 1 << 20

// packer writes a result in ClickHouse's compressed blocks, which a client asks
// for with compress=1.
type packer struct {
	out io.Writer
	z   *compress.Writer
}

// newPacker gives the writer for a request, or out itself when it asks for no
// blocks. The method is LZ4 unless network_compression_method says ZSTD.
func newPacker(out io.Writer, query url.Values) io.Writer {
	if query.Get("compress") != "1" {
		return out
	}
	method := compress.LZ4
	if strings.EqualFold(query.Get("network_compression_method"), "ZSTD") {
		method = compress.ZSTD
	}
	return &packer{out, compress.NewWriter(compress.LevelZero, method)}
}

// Write implements io.Writer.
func (p *packer) Write(part []byte) (n int, err error) {
	for n < len(part) {
		block := part[n:min(n+blockBytes, len(part))]
		if err := p.z.Compress(block); err != nil {
			return n, fmt.Errorf("compress a result: %w", err)
		}
		if _, err := p.out.Write(p.z.Data); err != nil {
			return n, err
		}
		n += len(block)
	}
	return n, nil
}

// unpacker reads rows that come in compressed blocks, as decompress=1 says.
type unpacker struct {
	source *blockSource
	z      *compress.Reader
}

func newUnpacker(in io.Reader) *unpacker {
	source := &blockSource{in: in}
	return &unpacker{source, compress.NewReader(source)}
}

// Read implements io.Reader. It gives io.EOF only at the end of a block.
func (u *unpacker) Read(part []byte) (int, error) {
	n, err := u.z.Read(part)
	switch {
	case err == nil:
		return n, nil
	case u.source.err != nil && !errors.Is(u.source.err, io.EOF):
		return n, u.source.err
	case u.source.err != nil && u.source.whole():
		return n, io.EOF
	case u.source.err != nil:
		return n, io.ErrUnexpectedEOF
	default:
		return n, errDamagedBlock
	}
}

var errDamagedBlock = errors.New("decompress rows: a block is damaged")

// blockSource follows the blocks in what passes through it: a checksum of 16
// bytes, the method, the length from there on, the length unpacked.
type blockSource struct {
	in    io.Reader
	err   error // why no more comes
	head  [blockHead]byte
	have  int // of head
	still uint32
}

const (
	blockSum  = 16
	blockHead = blockSum + 9
)

// whole says whether a block just ended.
func (b *blockSource) whole() bool { return b.have == 0 && b.still == 0 }

// Read implements io.Reader.
func (b *blockSource) Read(part []byte) (int, error) {
	n, err := b.in.Read(part)
	if err != nil {
		b.err = err
	}
	for rest := part[:n]; len(rest) > 0; {
		if b.still > 0 {
			step := min(uint32(len(rest)), b.still)
			b.still -= step
			rest = rest[step:]
			continue
		}
		step := copy(b.head[b.have:], rest)
		b.have += step
		rest = rest[step:]
		if b.have == blockHead {
			b.have = 0
			b.still = max(binary.LittleEndian.Uint32(b.head[blockSum+1:]), blockHead-blockSum) - (blockHead - blockSum)
		}
	}
	return n, err
}
