package rt

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// A ParamSpec is one parameter or state that a model keeps in its weight file.
type ParamSpec struct {
	Name    string
	DType   DType
	Shape   []int
	Aliases []string // further published names of the same tensor; a file may hold any of them, or several if equal
	Default *float64 // what every element is if the file lacks it; nil if it must be there
}

// text is how the language writes the declaration: name: f32[3, 4].
func (p ParamSpec) text() string { return p.Name + ": " + p.DType.MM() + shapeText(p.Shape) }

// Weights is a weight file matched against a model: it is known to hold all that the model needs.
type Weights struct {
	Notes []string // what was taken from elsewhere or converted; for the user to read, not an error

	file  *SafeTensors
	specs []ParamSpec
	found []Entry // of each spec; nameless where the default stands
}

// A WeightsError lists everything that is wrong with a weight file.
type WeightsError struct {
	File   string
	Faults []string
	Hint   string // a likely reason for all of them; may be empty
}

func (e *WeightsError) Error() string {
	const shown = 100
	s := "the weights do not fit the model"
	if e.File != "" {
		s = e.File + ": " + s
	}
	for _, f := range e.Faults[:min(shown, len(e.Faults))] {
		s += "\n\t" + f
	}
	if rest := len(e.Faults) - shown; rest > 0 {
		s += "\n\t… and " + strconv.Itoa(rest) + " more"
	}
	if e.Hint != "" {
		s += "\n\t" + e.Hint
	}
	return s
}

// reserved begins the names of what a checkpoint holds beside weights. A model does not need it, and does not
// call it superfluous.
const reserved = '@'

// MatchWeights compares a file with the specs of a model. A tensor that nobody asked for is a fault unless
// ignoreExtra is set. The error, a *WeightsError, names all faults.
func MatchWeights(file *SafeTensors, specs []ParamSpec, ignoreExtra bool) (*Weights, error) {
	m := matcher{Weights: &Weights{file: file, specs: specs, found: make([]Entry, len(specs))}, used: map[string]bool{}}
	for i, p := range specs {
		m.match(i, p)
	}
	if !ignoreExtra {
		m.findExtra()
	}
	if len(m.faults) > 0 {
		return nil, &WeightsError{File: file.name, Faults: m.faults, Hint: m.hint()}
	}
	return m.Weights, nil
}

type matcher struct {
	*Weights
	used    map[string]bool
	faults  []string
	missing []string
	extra   []string
}

func (m *matcher) match(i int, p ParamSpec) {
	for _, name := range append([]string{p.Name}, p.Aliases...) {
		e, ok := m.file.Lookup(name)
		if !ok {
			continue
		}
		m.used[name] = true
		if !m.fits(p, e) {
			continue
		}
		switch {
		case m.found[i].Name == "":
			m.found[i] = e
		case !m.sameData(m.found[i], e):
			m.faults = append(m.faults, m.found[i].Name+" and "+name+" are one tensor in the model, but differ")
		}
	}
	if m.found[i].Name != "" || m.anyUsed(p) {
		return
	}
	if p.Default != nil {
		m.Notes = append(m.Notes, p.Name+" is not in the file; it is "+strconv.FormatFloat(*p.Default, 'g', -1, 64))
		return
	}
	m.missing = append(m.missing, p.Name)
	m.faults = append(m.faults, "missing "+p.text())
}

// anyUsed reports whether the file has the tensor, fitting or not.
func (m *matcher) anyUsed(p ParamSpec) bool {
	return m.used[p.Name] || slices.ContainsFunc(p.Aliases, func(a string) bool { return m.used[a] })
}

func (m *matcher) fits(p ParamSpec, e Entry) bool {
	has := e.DType.MM() + shapeText(e.Shape)
	switch {
	case !SameShape(e.Shape, p.Shape):
		m.faults = append(m.faults, "wrong shape: "+e.Name+" is "+has+" in the file, the model has "+p.text())
		return false
	case !Convertible(e.DType, p.DType) || e.DType.float() != p.DType.float():
		m.faults = append(m.faults, "wrong dtype: "+e.Name+" is "+has+" in the file, the model has "+p.text())
		return false
	case e.DType != p.DType:
		m.Notes = append(m.Notes, e.Name+" is converted from "+e.DType.MM()+" to "+p.DType.MM())
	}
	return true
}

// sameData compares the bytes of two entries in pieces; a file that cannot be read shows again when it is loaded.
func (m *matcher) sameData(a, b Entry) bool {
	if a.DType != b.DType || a.Bytes != b.Bytes {
		return false
	}
	const piece = 64 << 10
	x, y := make([]byte, min(a.Bytes, piece)), make([]byte, min(a.Bytes, piece))
	for at := int64(0); at < a.Bytes; at += piece {
		n := min(a.Bytes-at, piece)
		if readAt(m.file.source, x[:n], m.file.data+a.Offset+at) != nil ||
			readAt(m.file.source, y[:n], m.file.data+b.Offset+at) != nil || !bytes.Equal(x[:n], y[:n]) {
			return false
		}
	}
	return true
}

func (m *matcher) findExtra() {
	for _, i := range m.file.byName {
		e := m.file.entries[i]
		if !m.used[e.Name] && (e.Name == "" || e.Name[0] != reserved) {
			m.extra = append(m.extra, e.Name)
			m.faults = append(m.faults, "superfluous "+e.Name+": "+e.DType.MM()+shapeText(e.Shape))
		}
	}
}

// hint finds out whether the names differ by a prefix alone, and whether all would be well without what is superfluous.
func (m *matcher) hint() string {
	if len(m.extra) == len(m.faults) {
		return "IgnoreExtra in Go, or --ignore-extra for mmc, leaves out what is superfluous; alias in the model declares another name of a tensor"
	}
	if p, ok := commonPrefix(m.missing, m.extra); ok {
		return "the file's names lack the prefix " + strconv.Quote(p) + " that the model's have"
	}
	if p, ok := commonPrefix(m.extra, m.missing); ok {
		return "the file's names have the prefix " + strconv.Quote(p) + " before the model's"
	}
	return ""
}

// commonPrefix finds p such that the long names are p before the short ones.
func commonPrefix(long, short []string) (string, bool) {
	if len(long) == 0 || len(long) != len(short) {
		return "", false
	}
	long, short = slices.Sorted(slices.Values(long)), slices.Sorted(slices.Values(short))
	p, ok := strings.CutSuffix(long[0], short[0])
	if !ok || p == "" {
		return "", false
	}
	for i := range long {
		if long[i] != p+short[i] {
			return "", false
		}
	}
	return p, true
}

// Order lists the indices of the specs in the order of their data in the file, with defaults anywhere between.
func (w *Weights) Order() []int {
	order := make([]int, len(w.specs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(w.found[a].Offset, w.found[b].Offset) })
	return order
}

// ReadParam reads the tensor of spec i, or its default.
func ReadParam[T Elem](w *Weights, i int, dst []T) error {
	if w.found[i].Name != "" {
		return ReadTensor(w.file, w.found[i], dst)
	}
	value := numberOf[T](*w.specs[i].Default)
	for j := range dst {
		dst[j] = value
	}
	return nil
}

// numberOf converts a constant of the language.
func numberOf[T Elem](f float64) T {
	var v any
	switch any(*new(T)).(type) {
	case float32:
		v = float32(f)
	case float64:
		v = f
	case int32:
		v = int32(f)
	case int64:
		v = int64(f)
	case uint8:
		v = uint8(f)
	case bool:
		v = f != 0
	case F16:
		v = ToF16(float32(f))
	case BF16:
		v = ToBF16(float32(f))
	}
	return v.(T)
}

// InterfaceHash identifies what a model expects of a weight file: names, dtypes and shapes, in any order.
func InterfaceHash(specs []ParamSpec) string {
	lines := make([]string, len(specs))
	for i, p := range specs {
		lines[i] = p.text()
	}
	slices.Sort(lines)
	const digits = 16
	s := strconv.FormatUint(Hash64(0, strings.Join(lines, "\n")), 16)
	return strings.Repeat("0", digits-len(s)) + s
}
