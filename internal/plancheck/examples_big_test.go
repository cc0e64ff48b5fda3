//go:build big

package plancheck_test

func init() {
	networks = append(networks, network{"resnet", "ResNet152", map[string]figures{"classify": {156, 3}, "step": {476, 2710}}, images()})
}
