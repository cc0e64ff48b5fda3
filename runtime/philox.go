package rt

// Philox is Philox4x32-10 (Salmon, Moraes, Dror and Shaw: Parallel random numbers: as easy as 1, 2, 3, SC 2011): a
// bijection of the counter for each key, ten rounds of two 32 x 32 bit products. There is no state to carry, so any
// element of any draw can be had at any time, by any thread, on any target, with the same bits.
func Philox(counter [4]uint32, key [2]uint32) [4]uint32 {
	const (
		product0, product1 = 0xD2511F53, 0xCD9E8D57
		weyl0, weyl1       = 0x9E3779B9, 0xBB67AE85 // golden ratio and sqrt(3) - 1: the key schedule
		rounds             = 10
	)
	c0, c1, c2, c3 := counter[0], counter[1], counter[2], counter[3]
	k0, k1 := key[0], key[1]
	for range rounds {
		p0, p1 := uint64(c0)*product0, uint64(c2)*product1
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		k0 += weyl0
		k1 += weyl1
	}
	return [4]uint32{c0, c1, c2, c3}
}

// Hash64 mixes a seed and a name into a key: FNV-1a over the name, then the finaliser of SplitMix64 over both, so
// that neighbouring seeds and similar names give unrelated keys.
func Hash64(seed uint64, name string) uint64 {
	const offset, prime = 0xCBF29CE484222325, 0x100000001B3
	h := uint64(offset)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * prime
	}
	return mix64(h ^ mix64(seed))
}

func mix64(z uint64) uint64 {
	z += 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
