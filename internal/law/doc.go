// Package law holds the laws of the house as tests: who may import whom, that the compiler knows no layer, model or
// optimiser by name, how long a file may be, and that nothing speaks of the machine it was written on. It has no code
// of its own.
package law
