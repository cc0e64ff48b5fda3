package gosrc

import (
	"mmc/codegen/emit"
	"mmc/ir"
)

// trainerFile prints Trainer.
func (g *generator) trainerFile(w *emit.Go) {
	slots := len(g.cellsOf(ir.SlotCell)) > 0
	w.Text(`
// TrainOptions are the choices of a trainer. The zero value is a good one.
type TrainOptions struct {
	// Seed of all draws in training; 0 means the seed of Init, or that of the checkpoint.
	Seed uint64
	// Threads is how many threads a step may use; 0 means GOMAXPROCS. Results do not depend on it.
	Threads int
	// Pool runs the kernels on somebody else's threads.
	Pool interface{ Run(n int, f func(i int)) }
	// MemoryLimit refuses steps that need more bytes of working memory; 0 means what the machine has.
	MemoryLimit int
	// Tape replaces random draws.
	Tape Tape
	// AnyLoss lets steps go on whose loss is NaN or infinite. Without it such a step is an error: it leaves the weights as they
	// were, unless a part of its updates came before; then the trainer refuses further calls until it loads a checkpoint. Save
	// refuses weights that are NaN.
	AnyLoss bool
}

// Trainer owns weights that change, the states of the optimisers, and the place in the training. It serves one goroutine at a
// time.
`)
	w.Block("type Trainer struct", func() {
		w.Line("machine")
		w.Line("w weights")
		if len(g.prepared) > 0 {
			w.Line("p preparedWeights")
		}
		if slots {
			w.Line("o slots")
		}
		w.Line("at rt.Place")
		w.Line("epochSteps int")
		for _, gr := range g.training() {
			w.Line(gr.field(), " ", gr.typ)
		}
	})
	g.newTrainer(w, slots)
	g.trainerMethods(w, slots)
}

func (g *generator) newTrainer(w *emit.Go, slots bool) {
	w.Text(`
// NewTrainer makes a trainer that starts from the weights of a source. A checkpoint goes on where it was saved.
func NewTrainer(from Source, o TrainOptions) (*Trainer, error) {
	if isaError != nil {
		return nil, isaError
	}
	t := &Trainer{machine: machine{Machine: rt.Machine{Tape: o.Tape, AnyLoss: o.AnyLoss}}}
	t.setUp(o.Pool, o.Threads, o.MemoryLimit)
	if err := rt.MakeCells(t.allCells()); err != nil {
		return nil, err
	}
`)
	w.Indented(func() {
		for _, gr := range g.training() {
			w.Linef("t.%s = %s", gr.field(), g.point(gr, map[string]string{"machine": "&t.machine", "w": "&t.w", "p": "&t.p", "o": "&t.o"}))
		}
		if slots {
			w.Line("t.o.init()")
		}
	})
	w.Text(`	t.at.Seed = from.seed
	if from.open != nil {
		if err := t.resume(from); err != nil {
			return nil, err
		}
	} else if _, err := from.fill(&t.w); err != nil {
		return nil, err
	}
	if o.Seed != 0 {
		t.at.Seed = o.Seed
	}
	return t, nil
}
`)
}

func (g *generator) trainerMethods(w *emit.Go, slots bool) {
	w.Text(`
// allCells are the weights and the states of the optimisers.
func (t *Trainer) allCells() []rt.Cell {
`)
	if slots {
		w.Line("\treturn append(t.w.cells(), t.o.cells()...)")
	} else {
		w.Line("\treturn t.w.cells()")
	}
	w.Text(`}

// resume takes the weights from a file and, if it is a checkpoint, the place and the states of the optimisers. All is compared
// before anything changes.
func (t *Trainer) resume(from Source) error {
	file, err := from.open()
	if err != nil {
		return err
	}
	defer file.Close()
	cells := t.w.cells()
	specs := rt.Specs(cells)
	matched, err := rt.MatchWeights(file, specs, from.ignoreExtra)
	if err != nil {
		return err
	}
	at, found, err := rt.PlaceOf(file, rt.InterfaceHash(specs))
	if err != nil {
		return err
	}
	if found {
		cells = t.allCells()
		if matched, err = rt.MatchWeights(file, rt.Specs(cells), from.ignoreExtra); err != nil {
			return err
		}
		t.at = at
	}
	return rt.ReadCells(cells, matched)
}

// Save writes a checkpoint: weights, states of the optimisers and the place in the training. The file is the old one or the
// whole new one, whatever happens. Load reads a checkpoint as weights.
func (t *Trainer) Save(path string) error {
	if err := t.Enter(); err != nil {
		return err
	}
	defer t.Leave()
	if !t.AnyLoss {
		if err := rt.CheckNumbers(t.w.cells()); err != nil {
			return err
		}
	}
	return rt.SaveCheckpoint(path, t.at, rt.InterfaceHash(rt.Specs(t.w.cells())), rt.Sources(t.allCells()))
}

// Load goes on from a checkpoint.
func (t *Trainer) Load(path string) error {
	if err := t.Occupy(); err != nil {
		return err
	}
	defer t.Leave()
	if err := t.resume(File(path)); err != nil {
		return err
	}
	t.Mended()
	return nil
}

// Model is a copy of the weights as they are now, to read.
func (t *Trainer) Model() (*Model, error) {
	if err := t.Enter(); err != nil {
		return nil, err
	}
	defer t.Leave()
	return New(Source{fill: func(w *weights) ([]string, error) {
		rt.CopyCells(w.cells(), t.w.cells())
		return nil, nil
	}})
}

// SetEpoch tells schedules which epoch this is, counted from 0, and how many steps it has.
func (t *Trainer) SetEpoch(epoch, steps int) { t.at.Epoch, t.epochSteps = uint64(epoch), steps }

// Steps is how many steps were done.
func (t *Trainer) Steps() int { return int(t.at.Step) }

// Epoch is what SetEpoch set, or the checkpoint.
func (t *Trainer) Epoch() int { return int(t.at.Epoch) }
`)
}
