package rt

import "strconv"

// A Door checks the arguments of one call of a graph, and keeps the first fault: generated code lists its
// checks and asks for Err once at the end. A Door that finds nothing wrong allocates nothing.
type Door struct {
	Graph string
	err   error
}

// An Arg is what the checks need to know of a tensor argument.
type Arg struct {
	Name  string // its name in the .mm file
	Type  string // its declared type there, such as [N, 3, H, W]
	Shape []int
	Len   int
}

// ArgOf describes a tensor to the checks of a Door.
func ArgOf[T Elem](name, typ string, t Tensor[T]) Arg {
	return Arg{Name: name, Type: typ, Shape: t.Shape, Len: len(t.Data)}
}

// Err is the first fault found.
func (d *Door) Err() error { return d.err }

// Rank checks the number of axes, that no size is below 1, and that the data has as many elements as the
// shape says. The other checks rely on it: an axis may be asked for only after Rank has seen the argument.
func (d *Door) Rank(a Arg, rank int) {
	if d.err != nil {
		return
	}
	if len(a.Shape) != rank {
		d.fail(a.Name, "is "+shapeText(a.Shape)+", want "+a.Type)
		return
	}
	for i, size := range a.Shape {
		if size < 1 {
			d.fail(a.Name, "is "+shapeText(a.Shape)+", want "+a.Type+": axis "+strconv.Itoa(i)+" must be at least 1")
			return
		}
	}
	n, err := Count(a.Shape)
	if err != nil {
		d.fail(a.Name, "is "+shapeText(a.Shape)+": too many elements")
	} else if n != a.Len {
		d.fail(a.Name, "is "+shapeText(a.Shape)+", "+strconv.Itoa(n)+" elements, but its data has "+strconv.Itoa(a.Len))
	}
}

// Dim reads a dim off an axis; after a fault it is 1, so that what is computed from it stays harmless.
func (d *Door) Dim(a Arg, axis int) int {
	if d.err != nil {
		return 1
	}
	return a.Shape[axis]
}

// Axis checks an axis against an expression of the declared type (`H`, `3`, `4 * hidden`) and its value.
// from names the argument that gave the dim its value; it is empty for a constant.
func (d *Door) Axis(a Arg, axis int, expr string, want int, from string) {
	if d.err != nil || a.Shape[axis] == want {
		return
	}
	msg := "is " + shapeText(a.Shape) + ", want " + a.Type + ": axis " + strconv.Itoa(axis) + " is " + strconv.Itoa(a.Shape[axis])
	if value := strconv.Itoa(want); value == expr {
		msg += ", not " + value
	} else {
		msg += ", but " + expr + " = " + value
	}
	if from != "" {
		msg += " by " + from
	}
	d.fail(a.Name, msg)
}

// Fact checks a `where` fact; dim and value say what to show when it does not hold.
func (d *Door) Fact(holds bool, fact, dim string, value int) {
	if d.err == nil && !holds {
		d.err = &ShapeError{Graph: d.Graph, Msg: dim + " = " + strconv.Itoa(value) + " does not satisfy `where " + fact + "`"}
	}
}

// Range checks an argument of type dim, or a size named by the caller, against its bounds.
func (d *Door) Range(name string, value, low, high int) {
	if d.err == nil && (value < low || value > high) {
		d.fail(name, "= "+strconv.Itoa(value)+" is outside "+strconv.Itoa(low)+" .. "+strconv.Itoa(high))
	}
}

func (d *Door) fail(arg, msg string) {
	d.err = &ShapeError{Graph: d.Graph, Arg: arg, Msg: msg}
}
