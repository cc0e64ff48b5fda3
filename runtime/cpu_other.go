//go:build !amd64

package rt

// bestISA is portable Go: other processors have no kernels of their own.
func bestISA() ISA { return ISAGo }

func readCaches() Caches { return Caches{} }

// pause does nothing: a look at the shared word is all the delay there is.
func pause(uint32) {}
