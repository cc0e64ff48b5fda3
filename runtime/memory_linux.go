package rt

import (
	"os"
	"strconv"
	"strings"
)

// machineMemory is the memory and swap that this process may hope for, or 0 if the system does not say. A
// control group may allow less than the machine has.
func machineMemory() int {
	total := 0
	info, _ := os.ReadFile("/proc/meminfo")
	for line := range strings.SplitSeq(string(info), "\n") {
		f := strings.Fields(line)
		if len(f) >= 2 && (f[0] == "MemTotal:" || f[0] == "SwapTotal:") {
			kib, _ := strconv.Atoi(f[1])
			total += kib << 10
		}
	}
	group, _ := os.ReadFile("/sys/fs/cgroup/memory.max")
	if n, err := strconv.Atoi(strings.TrimSpace(string(group))); err == nil && n > 0 && (total == 0 || n < total) {
		return n
	}
	return total
}
