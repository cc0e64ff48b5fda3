//go:build linux

// The program of the test of edges: it calls graphs whose arguments and buffers end where the memory ends. Requests and answers are
// gobs on the standard input and output.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"os"
	"reflect"
	"syscall"
	"unsafe"

	"mmcrun/model"
)

// Tensor is an argument or a result; numbers are float64 whatever they are to the graph.
type Tensor struct {
	Shape []int
	Data  []float64
}

// Request asks for a call of a method.
type Request struct {
	Method string
	Args   []Tensor
	Rooms  int // how many rooms the buffers of the graph take
}

// Room is how much of the arena each buffer has; its last page is not there.
const Room = 256 << 10

// rooms bounds the buffers of a graph, and its arguments.
const rooms, doors = 128, 32

var page = os.Getpagesize()

// fenced is memory in rooms.
func fenced(rooms int) []byte {
	mem, err := syscall.Mmap(-1, 0, rooms*Room, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	check(err)
	for i := range rooms {
		check(syscall.Mprotect(mem[(i+1)*Room-page:(i+1)*Room], syscall.PROT_NONE))
	}
	return mem
}

// soil fills the rooms with ones, which are NaN.
func soil(mem []byte) {
	for i := 0; i < len(mem); i += Room {
		copy(mem[i:i+Room-page], dirt)
	}
}

var dirt = bytes.Repeat([]byte{0xFF}, Room)

var (
	arena     = fenced(rooms)
	arguments = fenced(doors)
)

func main() {
	m, err := model.New(model.Init(1))
	check(err)
	session := m.NewSession(model.Options{Threads: 1})
	session.Use(arena)
	in, out := gob.NewDecoder(bufio.NewReader(os.Stdin)), bufio.NewWriter(os.Stdout)
	answers := gob.NewEncoder(out)
	for {
		var r Request
		if in.Decode(&r) != nil {
			break
		}
		check(answers.Encode(call(reflect.ValueOf(session).MethodByName(r.Method), r)))
	}
	check(out.Flush())
}

func call(method reflect.Value, r Request) []Tensor {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintln(os.Stderr, r.Method, shapes(r.Args))
			panic(p)
		}
	}()
	fmt.Fprintln(os.Stderr, r.Method, shapes(r.Args)) // the last line names the call that died
	soil(arena[:r.Rooms*Room])
	args := []reflect.Value{reflect.ValueOf(context.Background())}
	for i, a := range r.Args {
		args = append(args, argument(method.Type().In(i+1), a, arguments[i*Room:(i+1)*Room-page]))
	}
	got := method.Call(args)
	if err, failed := got[1].Interface().(error); failed {
		panic(err)
	}
	var out []Tensor
	if got[0].Kind() == reflect.Struct && got[0].FieldByName("Shape").IsValid() || got[0].Kind() != reflect.Struct {
		return append(out, result(got[0]))
	}
	for i := range got[0].NumField() {
		out = append(out, result(got[0].Field(i)))
	}
	return out
}

func shapes(list []Tensor) (out [][]int) {
	for _, t := range list {
		out = append(out, t.Shape)
	}
	return out
}

// argument makes a tensor of the wanted type that ends where room ends.
func argument(want reflect.Type, from Tensor, room []byte) reflect.Value {
	out := reflect.New(want).Elem()
	out.FieldByName("Shape").Set(reflect.ValueOf(from.Shape))
	data := out.FieldByName("Data")
	n := len(from.Data)
	size := n * int(data.Type().Elem().Size())
	if n == 0 {
		return out
	}
	start := unsafe.Pointer(&room[len(room)-size])
	data.Set(reflect.SliceAt(data.Type().Elem(), start, n))
	for i, x := range from.Data {
		switch e := data.Index(i); {
		case e.CanFloat():
			e.SetFloat(x)
		case e.CanInt():
			e.SetInt(int64(x))
		default:
			e.SetBool(x != 0)
		}
	}
	return out
}

// result reads a result, and panics if the memory before it was touched.
func result(from reflect.Value) Tensor {
	if from.Kind() != reflect.Struct {
		return Tensor{Shape: []int{}, Data: []float64{number(from)}}
	}
	data := from.FieldByName("Data")
	out := Tensor{Shape: append([]int{}, from.FieldByName("Shape").Interface().([]int)...)}
	for i := range data.Len() {
		out.Data = append(out.Data, number(data.Index(i)))
	}
	if data.Len() > 0 && data.Pointer() >= uintptr(unsafe.Pointer(&arena[0])) {
		at := int(data.Pointer() - uintptr(unsafe.Pointer(&arena[0])))
		for i := range min(4096, at%Room) {
			if at < len(arena) && arena[at-1-i] != 0xFF {
				panic(fmt.Sprintf("%d bytes before a result something was written", i+1))
			}
		}
	}
	return out
}

func number(v reflect.Value) float64 {
	switch {
	case v.CanFloat():
		return v.Float()
	case v.CanInt():
		return float64(v.Int())
	case v.Bool():
		return 1
	}
	return 0
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
