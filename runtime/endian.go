package rt

import "errors"

// The file format is little-endian, as is every machine that mmc generates code for; the rest are refused rather
// than carried along untested.
var bigEndian = bytesOf([]int32{1})[0] == 0

func refuseBigEndian() error {
	if bigEndian {
		return errors.New("big-endian machines are not supported")
	}
	return nil
}
