package loop

// Scalar is the record of one scalar operation: its name in printed nests, its arity and its meaning in float64
// (integers and booleans as whole numbers, true as 1). Passes and emitters compare pointers; no string is matched.
type Scalar struct {
	Name    string
	Arity   int
	Compare bool // the result is bool
	Meaning func(a []float64) float64
}

func (s *Scalar) String() string { return s.Name }
