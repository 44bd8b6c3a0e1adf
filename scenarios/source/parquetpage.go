package source

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Limits on what one page of a Parquet file may claim, so that damaged headers
// end in a message and not in exhausted memory: the decoder allocates what they
// say before it reads.
const (
	pageSizeMax   = 256 << 20
	pageValuesMax = 64 << 20
)

// checkFooter refuses a file without the closing magic, or whose footer claims to
// be longer than the file.
//
//	.  "PAR1" pages … metadata  length of the metadata (4, little-endian) "PAR1"
func checkFooter(at io.ReaderAt, size int64) error {
	var tail [8]byte
	if size < 12 {
		return errors.New("only its first bytes are there")
	}
	if _, err := at.ReadAt(tail[:], size-8); err != nil {
		return err
	}
	if !bytes.Equal(tail[4:], parquetMagic) {
		return errors.New("it does not end with PAR1")
	}
	if n := int64(binary.LittleEndian.Uint32(tail[:])); n > size-12 {
		return fmt.Errorf("a footer of %d bytes in a file of %d", n, size)
	}
	return nil
}

// checkPages walks the page headers of a column chunk and refuses those that
// claim more than the chunk has, or more than the limits.
func checkPages(at io.ReaderAt, size int64, m *format.ColumnMetaData) error {
	offset := m.DataPageOffset
	if m.DictionaryPageOffset != 0 {
		offset = m.DictionaryPageOffset
	}
	if m.TotalCompressedSize < 0 || offset < 0 || offset > size || m.TotalCompressedSize > size-offset {
		return errors.New("pages beyond the end of the file")
	}
	protocol := new(thrift.CompactProtocol)
	section := &countingReader{}
	buffered := bufio.NewReaderSize(section, 512)
	values := int64(0)
	for end := offset + m.TotalCompressedSize; offset < end && values < m.NumValues; {
		section.r, section.n = io.NewSectionReader(at, offset, end-offset), 0
		buffered.Reset(section)
		var h format.PageHeader
		if err := thrift.NewDecoder(protocol.NewReader(buffered)).Decode(&h); err != nil {
			return fmt.Errorf("a page header: %w", err)
		}
		offset += section.n - int64(buffered.Buffered())
		here := int64(max(h.DataPageHeader.V.NumValues, h.DataPageHeaderV2.V.NumValues))
		switch {
		case h.CompressedPageSize < 0 || int64(h.CompressedPageSize) > end-offset:
			return errors.New("a page beyond its column")
		case h.UncompressedPageSize < 0 || h.UncompressedPageSize > pageSizeMax:
			return fmt.Errorf("a page of %d bytes; at most %d are read", h.UncompressedPageSize, pageSizeMax)
		case max(here, int64(h.DictionaryPageHeader.V.NumValues)) > pageValuesMax:
			return fmt.Errorf("a page of more than %d values", pageValuesMax)
		}
		values += here
		offset += int64(h.CompressedPageSize)
	}
	return nil
}

// countingReader counts the bytes read through it.
type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
