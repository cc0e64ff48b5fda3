package main

import (
	"syscall"
	"unsafe"
)

// mapped are the mappings that release gives back.
var mapped [][]byte

func release() {
	for _, m := range mapped {
		if err := syscall.Munmap(m); err != nil {
			panic(err)
		}
	}
	mapped = mapped[:0]
}

// guarded returns n elements that end at a page which may not be touched; what lies before them is a page of their own too.
func guarded[T any](n int) []T {
	var x T
	bytes := n * int(unsafe.Sizeof(x))
	page := syscall.Getpagesize()
	size := (bytes + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, size+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	mapped = append(mapped, mem)
	for _, p := range [][]byte{mem[:page], mem[page+size:]} {
		if err := syscall.Mprotect(p, syscall.PROT_NONE); err != nil {
			panic(err)
		}
	}
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&mem[page+size-bytes])), n)
}
