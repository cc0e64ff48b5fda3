// Package dim is the arithmetic of symbolic sizes: the H, W, N of a .mm type and everything computed from them.
//
// An [Expr] is an integer polynomial over atoms, always in normal form. An atom is a symbol, floor(a / b), max(a, b, ..) or
// min(a, b, ..). Two expressions are equal when their normal forms are; three laws about floor make that test strong enough for
// networks (k and m are positive constants, x and y any expressions):
//
//	floor((k*x + y) / k)        = x + floor(y / k)            coefficients and constant are reduced to [0, k)
//	floor((g*x + c) / (g*k))    = floor((x + floor(c/g)) / k) common factors cancel
//	floor((floor(x/m) + y) / k) = floor((x + m*y) / (m*k))    chained strides become one division
//
// [Facts] holds what a `where` clause says about symbols. A fact acts by substitution: after H % 16 == 0 every H is 16 times an
// internal symbol, so that floor(H / 16) simplifies by the laws above and no prover is needed. What substitution cannot say
// (a <= b) is kept as an inequality and used by interval reasoning. Texts for people are always in the user's own symbols.
//
// Every law holds for all integer values of the symbols for which the written expression is defined (no division by zero).
// Failures (division by the constant zero, overflow of a coefficient, a polynomial beyond all reason) do not panic: they make an
// invalid Expr that stays invalid through further arithmetic and says why in [Expr.Err].
//
// The package is free of tensors, types and syntax trees, and of any dependency outside the standard library. There is no SMT solver
// here: a question that interval reasoning and a bounded case distinction cannot answer is answered "not known".
package dim
