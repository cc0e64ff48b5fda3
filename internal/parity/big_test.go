//go:build big

package parity

func init() { big = true }
