//go:build !mmcpoison

package rt

// Poison says that memory which no live value owns is filled with NaN, so that a read of it shows.
const Poison = false
