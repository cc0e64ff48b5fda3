package main

import (
	"context"
	"fmt"
	"strings"
)

// training times whole training steps (forward, backward, update) in turns with PyTorch's.
func training(ctx context.Context, h *host, r *report) error {
	t := newTable("step", "mmc ms", "PyTorch eager ms", "mmc/PyTorch", "target")
	var profiles []string
	for _, p := range trainingList {
		if !h.only.MatchString(p.name) {
			continue
		}
		row, profile := p.step(ctx, h)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		fmt.Fprintln(h.stdout, strings.Join(row, "  "))
		t.add(row...)
		profiles = append(profiles, profile...)
	}
	r.table(h, t)
	r.remark(h, "%d thread(s), %d rounds in turns, each the median of its steps; the median round counts. Ours of resnet18 has weight decay as well.", h.threads, h.rounds)
	r.profiles(h, profiles)
	return nil
}

func (p program) step(ctx context.Context, h *host) (row, profile []string) {
	var ours, torch []float64
	for i := range h.rounds + 1 { // the first round of ours builds and does not count
		x, err := p.own(ctx, h, 1)
		if err != nil {
			return []string{p.name, "fails: " + brief(err), "", "", ""}, nil
		}
		if i == 0 {
			continue
		}
		ours = append(ours, x)
		if h.peers == nil {
			continue
		}
		y, err := h.peers.train(ctx, p.peer)
		if err != nil {
			return []string{p.name, ms(x), "fails: " + brief(err), "", ""}, nil
		}
		torch = append(torch, y)
	}
	x, y := median(ours), median(torch)
	goal := ""
	if y > 0 {
		goal = judge(x/y, "≤", p.target)
	}
	return []string{p.name, ms(x), ms(y), ratio(x, y), goal}, p.profile(ctx, h)
}
