//go:build !unix

package rt

// syncDirectory does nothing where a directory cannot be opened as a file.
func syncDirectory(string) error { return nil }
