package bytestore

// Answers in Go's memory, which the next answers use again. Knows no store.

import "slices"

// Buffer is memory for the answers of [Store.MGetInto], which uses it again and
// makes it larger when it has to. The zero Buffer is ready to use. It is for one
// goroutine at a time.
type Buffer struct {
	bytes  []byte // all values side by side
	lens   []size // the length of each, or missing
	values [][]byte
}

// holds says whether there is room for so many bytes. If not, it makes some, for another try.
func (b *Buffer) holds(n size) bool {
	if n > size(cap(b.bytes)) {
		b.bytes = slices.Grow(b.bytes[:0], int(n))
		return false
	}
	if b.bytes == nil {
		b.bytes = []byte{} // an empty value is not nil
	}
	b.bytes = b.bytes[:n]
	return true
}

// trim leaves memory that is too large to be kept to the garbage collector.
func (b *Buffer) trim() {
	if cap(b.bytes)+8*cap(b.lens) > maxPooled {
		*b = Buffer{}
	}
}

// split cuts the bytes into one slice for each length, nil for a missing value.
func split(bytes []byte, lens []size, into [][]byte) [][]byte {
	start := 0
	for i, n := range lens {
		if n == missing {
			into[i] = nil
			continue
		}
		end := start + int(n)
		into[i] = bytes[start:end:end] // the capacity ends here: appending to it cannot reach its neighbour
		start = end
	}
	return into
}

// lend gives out the values for as long as the buffer is not used again.
func (b *Buffer) lend() [][]byte {
	n := len(b.lens)
	b.values = slices.Grow(b.values[:0], n)[:n]
	return split(b.bytes, b.lens, b.values)
}

// give gives out the values for good.
func (b *Buffer) give() [][]byte {
	return split(b.giveBytes(), b.lens, make([][]byte, len(b.lens)))
}

// giveBytes is a copy of the bytes, or the memory itself if trim lets go of it anyway.
func (b *Buffer) giveBytes() []byte {
	if cap(b.bytes) > maxPooled {
		return b.bytes
	}
	return append([]byte{}, b.bytes...)
}
