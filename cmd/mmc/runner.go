package main

import (
	"context"

	"mmc/codegen/gosrc"
	"mmc/internal/compiled"
)

// runner returns a program that calls the model's graphs on files, and tells the times of their steps where it shall.
func (e *env) runner(f modelFlags, profile bool) (string, error) {
	pkg, p, err := e.plan(f)
	if err != nil {
		return "", err
	}
	o := gosrc.Options{Version: version(), Sources: sources(p), Flags: modelText(f), Profile: profile}
	return e.compile(func(ctx context.Context) (string, error) { return compiled.Program(ctx, pkg, o) })
}

// compile waits for a program, which may take some seconds the first time.
func (e *env) compile(build func(ctx context.Context) (string, error)) (string, error) {
	defer e.spin("compiling")()
	return build(e.ctx)
}

// execute runs a program that calls graphs.
func (e *env) execute(binary string, args []string) error {
	return compiled.Run(e.ctx, binary, args, e.out, e.errOut)
}
