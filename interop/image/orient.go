package image

import (
	"bytes"
	"encoding/binary"
)

// orientation is the value of EXIF's tag 274: how the stored rows and columns lie in the upright picture. 1 is upright, 2 to 4 are
// its mirror images and the half turn, 5 to 8 exchange rows and columns.
type orientation uint16

const upright orientation = 1

// TIFF's numbers.
const (
	orientationTag = 274
	typeShort      = 3
)

func (o orientation) transposed() bool { return o >= 5 && o <= 8 }

// size returns the upright picture's size for stored h and w.
func (o orientation) size(h, w int) (int, int) {
	if o.transposed() {
		return w, h
	}
	return h, w
}

// place returns where the stored pixel (y, x) lies upright.
func (o orientation) place(y, x, h, w int) (int, int) {
	flipY, flipX := h-1-y, w-1-x
	switch o {
	case 2:
		return y, flipX
	case 3:
		return flipY, flipX
	case 4:
		return flipY, x
	case 5:
		return x, y
	case 6:
		return x, flipY
	case 7:
		return flipX, flipY
	case 8:
		return flipX, y
	}
	return y, x
}

// orientationOf looks for the tag in the segments before a JPEG's picture. Whatever is damaged there counts as upright, since the
// picture itself may be whole.
func orientationOf(jpeg []byte) orientation {
	for b := jpeg[min(2, len(jpeg)):]; len(b) >= 4 && b[0] == 0xff; {
		if b[1] == 0xff { // fill byte
			b = b[1:]
			continue
		}
		length := int(binary.BigEndian.Uint16(b[2:]))
		if length < 2 || length+2 > len(b) {
			break
		}
		if exif, ok := bytes.CutPrefix(b[4:length+2], []byte("Exif\x00\x00")); ok && b[1] == 0xe1 {
			return tiffOrientation(exif)
		}
		b = b[length+2:]
	}
	return upright
}

// tiffOrientation reads the first directory of the TIFF structure that EXIF is.
func tiffOrientation(b []byte) orientation {
	if len(b) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(b[:2]) == "MM" {
		order = binary.BigEndian
	}
	start := order.Uint32(b[4:])
	if uint64(start)+2 > uint64(len(b)) {
		return upright
	}
	entries := b[start+2:]
	for range order.Uint16(b[start:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == orientationTag && order.Uint16(entries[2:]) == typeShort {
			if o := orientation(order.Uint16(entries[8:])); o >= upright && o <= 8 {
				return o
			}
		}
		entries = entries[12:]
	}
	return upright
}
