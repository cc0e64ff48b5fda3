package gosrc

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFileNames(t *testing.T) {
	f := newFileNames()
	for _, c := range []struct{ want, got string }{
		{"lenet", "lenet.go"},
		{"kernels", "kernels.go"},
		{"kernels", "kernels_.go"},
		{"kernels_amd64", "kernels_amd64_.go"},
		{"net_arm64", "net_arm64_.go"},
		{"net_linux", "net_linux_.go"},
		{"net_windows_amd64", "net_windows_amd64_.go"},
		{"my_test", "my_test_.go"},
		{"graph_step", "graph_step.go"},
		{"graph_step", "graph_step_.go"},
		{"linux", "linux.go"},
	} {
		assert.Equal(t, c.got, f.give(c.want))
	}
}
