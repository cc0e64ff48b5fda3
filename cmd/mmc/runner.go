package main

import (
	"context"

	"mmc/codegen/gosrc"
	"mmc/internal/compiled"
	"mmc/passes"
)

// runner returns a program that calls the model's graphs on files, and tells the times of their steps where it shall.
func (e *env) runner(ctx context.Context, f modelFlags, profile bool) (string, error) {
	pkg, p, err := e.plan(f, passes.Options{})
	if err != nil {
		return "", err
	}
	return compiled.Program(ctx, pkg, gosrc.Options{Version: version(), Sources: sources(p), Flags: buildFlags(f), Profile: profile})
}

// execute runs a program that calls graphs.
func (e *env) execute(ctx context.Context, binary string, args []string) error {
	return compiled.Run(ctx, binary, args, e.out, e.errOut)
}
