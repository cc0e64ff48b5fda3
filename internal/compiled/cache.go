package compiled

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// cache is a folder of programs, each in a folder named by its content. The time of a folder is that of its last use.
type cache struct{ dir string }

// capacity is how many programs are kept, of some megabytes each.
const capacity = 100

// openCache makes the cache's folder: the user's, or where that cannot be written a temporary one.
func openCache() (cache, error) {
	if dir, err := os.UserCacheDir(); err == nil {
		c := cache{filepath.Join(dir, "mmc", runtime.Version())}
		if c.writable() {
			return c, nil
		}
	}
	dir, err := os.MkdirTemp("", "mmc-cache-")
	return cache{dir}, err
}

// writable makes the folder and tries it.
func (c cache) writable() bool {
	if os.MkdirAll(c.dir, 0o777) != nil {
		return false
	}
	f, err := os.CreateTemp(c.dir, "try-")
	if err != nil {
		return false
	}
	return f.Close() == nil && os.Remove(f.Name()) == nil
}

// program is where the program with that name lies or will lie.
func (c cache) program(name string) string {
	return filepath.Join(c.dir, name, "run"+map[bool]string{true: ".exe"}[runtime.GOOS == "windows"])
}

// use reports whether the program is there, and keeps it for longer. If not, it makes its folder.
func (c cache) use(binary string) bool {
	dir := filepath.Dir(binary)
	if _, err := os.Stat(binary); err != nil {
		_ = os.MkdirAll(dir, 0o777) // what is wrong shows when the program is written
		return false
	}
	now := time.Now()
	_ = os.Chtimes(dir, now, now) // at worst it goes too early, and is built again
	return true
}

// trim removes the programs that were not used for longest. A failure leaves some for the next time.
func (c cache) trim() {
	entries, err := os.ReadDir(c.dir)
	if err != nil || len(entries) <= capacity {
		return
	}
	used := map[string]time.Time{}
	for _, d := range entries {
		if info, err := d.Info(); err == nil {
			used[d.Name()] = info.ModTime()
		}
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int {
		return cmp.Or(used[a.Name()].Compare(used[b.Name()]), cmp.Compare(a.Name(), b.Name()))
	})
	for _, d := range entries[:len(entries)-capacity] {
		_ = os.RemoveAll(filepath.Join(c.dir, d.Name()))
	}
}
