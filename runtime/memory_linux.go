package rt

import (
	"os"
	"strconv"
	"strings"
)

// machineMemory is the memory and swap that this process may hope for, or 0 if the system does not say. A
// control group may allow less than the machine has.
func machineMemory() int64 {
	total := int64(0)
	info, _ := os.ReadFile("/proc/meminfo")
	for line := range strings.SplitSeq(string(info), "\n") {
		f := strings.Fields(line)
		if len(f) >= 2 && (f[0] == "MemTotal:" || f[0] == "SwapTotal:") {
			kib, _ := strconv.ParseInt(f[1], 10, 64)
			total += kib << 10
		}
	}
	group, _ := os.ReadFile("/sys/fs/cgroup/memory.max")
	if n, err := strconv.ParseInt(strings.TrimSpace(string(group)), 10, 64); err == nil && n > 0 && (total == 0 || n < total) {
		return n
	}
	return total
}
