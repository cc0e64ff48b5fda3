package dim_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/ir/dim"
)

// evalGo interprets the part of Go that size expressions consist of; / truncates as in Go.
func evalGo(e ast.Expr, env map[string]int64) (int64, error) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return evalGo(e.X, env)
	case *ast.BasicLit:
		return strconv.ParseInt(e.Value, 10, 64)
	case *ast.Ident:
		return env[e.Name], nil
	case *ast.UnaryExpr:
		v, err := evalGo(e.X, env)
		return -v, err
	case *ast.BinaryExpr:
		return evalGoCall(e.Op.String(), []ast.Expr{e.X, e.Y}, env)
	case *ast.CallExpr:
		return evalGoCall(e.Fun.(*ast.Ident).Name, e.Args, env)
	}
	return 0, fmt.Errorf("%T in a size expression", e)
}

var goOperators = map[string]func(a, b int64) int64{
	"+": func(a, b int64) int64 { return a + b }, "-": func(a, b int64) int64 { return a - b },
	"*": func(a, b int64) int64 { return a * b }, "/": func(a, b int64) int64 { return a / b },
	"%": func(a, b int64) int64 { return a % b }, "floorDiv": floorOf,
	"max": func(a, b int64) int64 { return max(a, b) }, "min": func(a, b int64) int64 { return min(a, b) },
}

func evalGoCall(op string, args []ast.Expr, env map[string]int64) (int64, error) {
	acc, err := evalGo(args[0], env)
	for _, arg := range args[1:] {
		v, argErr := evalGo(arg, env)
		switch {
		case err != nil || argErr != nil:
			return 0, errUndefined
		case v == 0 && strings.Contains("/ % floorDiv", op):
			return 0, errUndefined
		}
		acc = goOperators[op](acc, v)
	}
	return acc, err
}

// parseRatio reads a shown expression, in which / is exact; what it returns fails where a division leaves a rest.
func parseRatio(shown string) (func(env map[string]int64) (int64, error), error) {
	if strings.ContainsAny(shown, "*'\"") && strings.Contains(shown, "**") || strings.ContainsAny(shown, "'\"") {
		return func(map[string]int64) (int64, error) { return 0, errUndefined }, nil
	}
	text := strings.ReplaceAll(shown, "floor(", "quotient(")
	e, err := parser.ParseExpr(text)
	if err != nil {
		return nil, err
	}
	return func(env map[string]int64) (int64, error) { return evalShown(e, env) }, nil
}

// evalShown is evalGo where floor takes a ratio and every other / must leave no rest.
func evalShown(e ast.Expr, env map[string]int64) (int64, error) {
	call, isCall := e.(*ast.CallExpr)
	if isCall && call.Fun.(*ast.Ident).Name == "quotient" {
		ratio := call.Args[0].(*ast.BinaryExpr)
		x, err := evalShown(ratio.X, env)
		y, errY := evalShown(ratio.Y, env)
		if err != nil || errY != nil || y == 0 {
			return 0, errUndefined
		}
		return floorOf(x, y), nil
	}
	var op string
	var args []ast.Expr
	switch e := e.(type) {
	case *ast.ParenExpr:
		return evalShown(e.X, env)
	case *ast.BinaryExpr:
		op, args = e.Op.String(), []ast.Expr{e.X, e.Y}
	case *ast.CallExpr:
		op, args = e.Fun.(*ast.Ident).Name, e.Args
	case *ast.UnaryExpr:
		v, err := evalShown(e.X, env)
		return -v, err
	default:
		return evalGo(e, env)
	}
	acc, err := evalShown(args[0], env)
	for _, arg := range args[1:] {
		v, argErr := evalShown(arg, env)
		if err != nil || argErr != nil || op == "/" && v == 0 {
			return 0, errUndefined
		}
		if op == "/" && acc%v != 0 {
			return acc/v*1000003 + 17, nil // a wrong value: the caller compares
		}
		acc = goOperators[op](acc, v)
	}
	return acc, err
}

func TestGoExprComputesTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	compared := 0
	for range 5000 {
		e := randomTree(r, 4).expr
		if e.Err() != nil {
			continue
		}
		code, err := parser.ParseExpr(e.GoExpr(func(sym string) string { return sym }))
		require.NoError(t, err, "%s", e)
		for range 3 {
			values := randomSizes(r, 0, 50)
			want, err := e.Eval(lookup(values))
			if err != nil {
				continue
			}
			got, err := evalGo(code, values)
			require.NoError(t, err)
			require.Equal(t, want, got, "%s at %v: %s", e, values, e.GoExpr(func(sym string) string { return sym }))
			compared++
		}
	}
	assert.Greater(t, compared, 10000)
}

func TestGoExprText(t *testing.T) {
	tests := []struct{ size, code string }{
		{"0", "0"},
		{"16 * h", "16*d.h"},
		{"3 - H * W**2", "3 - d.H*d.W*d.W"},
		{"floor((H + 3) / 4) * 64", "64*((d.H + 3) / 4)"},
		{"floor((H - 7) / 2)", "((d.H + 1) / 2) - 4"},
		{"max(0, H - 4)", "max(0, d.H - 4)"},
		{"floor((H - W) / C)", "floorDiv(d.H - d.W, d.C)"},
		{"floor(H / C)", "(d.H / d.C)"},
		{"floor(max(0, H - W) / 2)", "(max(0, d.H - d.W) / 2)"},
		{"floor(min(H * W - 3, H) / 2)", "floorDiv(min(d.H*d.W - 3, d.H), 2)"},
	}
	for _, test := range tests {
		code := parse(t, test.size).GoExpr(func(sym string) string { return "d." + sym })
		assert.Equal(t, test.code, code)
	}
	_, err := parser.ParseExprFrom(token.NewFileSet(), "", dim.Int(-5).GoExpr(nil), 0)
	assert.NoError(t, err)
}
