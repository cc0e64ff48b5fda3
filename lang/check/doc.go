// Package check elaborates .mm files: it gives names their meaning, runs what is compile-time (hyperparameters, for, if,
// lists, recursion), types every tensor with symbolic dims, expands blocks, functions and notation, and leaves the program
// in the core language (package core), ready for lang/lower.
//
// The elaborator is an interpreter. Its values are what the language computes at compile time: exact numbers over dims,
// lists, blocks, instances; and tensors, which stand for values of the core program under construction. Applying a
// block or function interprets its body again for the call, so a signature is checked against the call's own dims, and
// the caller must know every fact that the callee's where clause needs.
//
// Mistakes become diagnostics. An expression that has one evaluates to poison, which suppresses follow-ups, and
// elaboration goes on: one run reports several mistakes. Limits on depth and size bound the work on any input.
//
// The package knows operators only through the table that it is given and through their properties; layers, models and
// optimisers are .mm text like the user's. It is free of passes and targets.
package check
