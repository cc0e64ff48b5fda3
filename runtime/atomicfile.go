package rt

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// WriteFileAtomic replaces a file by what write puts out, or leaves it as it was: the data goes to a file of
// another name in the same directory, is forced to the disk, and takes the name by a rename, which is forced to
// the disk too. After an error nothing is left behind. A process that is killed may leave the other file, whose
// name is the target's, a dot before it and .tmp- with digits after it.
//
// A symbolic link keeps pointing to its file, which is replaced. What exists and is no regular file is refused.
func WriteFileAtomic(path string, write func(w io.Writer) error) error {
	target, mode, err := resolveTarget(path)
	if err != nil {
		return err
	}
	f, err := createBeside(target, mode)
	if err != nil {
		return err
	}
	if err := fillFile(f, write); err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	if err := os.Rename(f.Name(), target); err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return syncDirectory(filepath.Dir(target))
}

// resolveTarget follows links and finds the mode of the new file.
func resolveTarget(path string) (target string, mode os.FileMode, err error) {
	const ordinary = 0o666 // less the process's mask
	if target, err = filepath.EvalSymlinks(path); errors.Is(err, os.ErrNotExist) {
		return path, ordinary, nil
	} else if err != nil {
		return "", 0, err
	}
	info, err := os.Stat(target)
	if err != nil {
		return "", 0, err
	}
	if !info.Mode().IsRegular() {
		return "", 0, errors.New(path + ": exists and is not a regular file")
	}
	return target, info.Mode().Perm(), nil
}

// createBeside makes a new file in the target's directory.
func createBeside(target string, mode os.FileMode) (*os.File, error) {
	dir, base := filepath.Split(target)
	stamp := uint64(time.Now().UnixNano()) ^ uint64(os.Getpid())<<32
	for try := range uint64(100) {
		name := dir + "." + base + ".tmp-" + strconv.FormatUint(mix64(stamp+try), 10)
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, os.ErrExist) {
			return f, err
		}
	}
	return nil, errors.New(target + ": no free temporary name beside it")
}

// fillFile writes, forces to the disk and closes.
func fillFile(f *os.File, write func(w io.Writer) error) error {
	const buffer = 1 << 16
	w := bufio.NewWriterSize(f, buffer)
	err := write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}
