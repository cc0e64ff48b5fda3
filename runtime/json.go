package rt

import (
	"errors"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a header; the format itself needs three levels.
const maxDepth = 32

// A jsonText is read once, from left to right, by asking for what must come next. It is strict JSON, its numbers
// being restricted to what the format has, unsigned integers. The first fault sticks, after which every request
// is answered by a zero value at once, so that callers check for it at their end only.
type jsonText struct {
	text  string // valid UTF-8
	at    int
	depth int
	err   error
}

func (j *jsonText) fail(msg string) {
	if j.err == nil {
		j.err = errors.New(msg + " at byte " + strconv.Itoa(j.at))
	}
	j.at = len(j.text)
}

// next is the first byte that is not space, without taking it; 0 at the end.
func (j *jsonText) next() byte {
	for j.at < len(j.text) {
		switch c := j.text[j.at]; c {
		case ' ', '\t', '\n', '\r':
			j.at++
		default:
			return c
		}
	}
	return 0
}

// take takes c if it is next.
func (j *jsonText) take(c byte) bool {
	if j.next() != c || j.at == len(j.text) {
		return false
	}
	j.at++
	return true
}

func (j *jsonText) expect(c byte) {
	if !j.take(c) {
		j.fail("expected '" + string(rune(c)) + "'")
	}
}

// end asks that nothing but space is left.
func (j *jsonText) end() {
	if j.next(); j.at < len(j.text) {
		j.fail("expected the end of the text")
	}
}

// object reads an object, calling member at the start of every value.
func (j *jsonText) object(member func(key string)) {
	j.list('{', '}', func() {
		key := j.str()
		j.expect(':')
		if j.err == nil {
			member(key)
		}
	})
}

// array reads an array, calling element at the start of every element.
func (j *jsonText) array(element func()) { j.list('[', ']', element) }

func (j *jsonText) list(open, end byte, item func()) {
	j.expect(open)
	if j.depth++; j.depth > maxDepth {
		j.fail("nested too deeply")
	}
	if !j.take(end) {
		for j.err == nil {
			item()
			if j.err != nil || !j.take(',') {
				break
			}
		}
		j.expect(end)
	}
	j.depth--
}

// uint reads an integer in 0 .. 2^63-1.
func (j *jsonText) uint() int64 {
	c := j.next()
	if c < '0' || c > '9' {
		j.fail("expected an unsigned integer")
		return 0
	}
	start, n := j.at, int64(0)
	for ; j.at < len(j.text) && j.text[j.at] >= '0' && j.text[j.at] <= '9'; j.at++ {
		digit := int64(j.text[j.at] - '0')
		if n > (math.MaxInt64-digit)/10 {
			j.fail("integer out of range")
			return 0
		}
		n = n*10 + digit
	}
	if c == '0' && j.at > start+1 {
		j.fail("integer with a leading zero")
	}
	if j.at < len(j.text) {
		switch j.text[j.at] {
		case '.', 'e', 'E':
			j.fail("expected an integer, not a fraction or exponent")
		}
	}
	return n
}

// str reads a string. One without escapes shares the text's memory.
func (j *jsonText) str() string {
	j.expect('"')
	start := j.at
	for j.at < len(j.text) {
		switch c := j.text[j.at]; {
		case c == '"':
			j.at++
			return j.text[start : j.at-1]
		case c == '\\':
			return j.escaped(start)
		case c < ' ':
			j.fail("control character in a string")
			return ""
		}
		j.at++
	}
	j.fail("string without an end")
	return ""
}

// escaped reads on in a string that began at start and has an escape at j.at.
func (j *jsonText) escaped(start int) string {
	s := []byte(j.text[start:j.at])
	for j.at < len(j.text) {
		c := j.text[j.at]
		j.at++
		switch {
		case c == '"':
			return string(s)
		case c == '\\':
			s = utf8.AppendRune(s, j.escape())
		case c < ' ':
			j.fail("control character in a string")
		default:
			s = append(s, c)
		}
	}
	j.fail("string without an end")
	return ""
}

// escape reads what follows a backslash.
func (j *jsonText) escape() rune {
	if j.at == len(j.text) {
		return 0
	}
	c := j.text[j.at]
	j.at++
	const letters, meanings = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	for i := range len(letters) {
		if c == letters[i] {
			return rune(meanings[i])
		}
	}
	if c != 'u' {
		j.fail("unknown escape in a string")
		return 0
	}
	r := j.hex4()
	if !utf16.IsSurrogate(r) {
		return r
	}
	if len(j.text)-j.at >= 2 && j.text[j.at:j.at+2] == `\u` {
		j.at += 2
		r = utf16.DecodeRune(r, j.hex4())
	}
	if r == utf8.RuneError || utf16.IsSurrogate(r) {
		j.fail("half of a surrogate pair in a string")
	}
	return r
}

func (j *jsonText) hex4() rune {
	if len(j.text)-j.at < 4 {
		j.fail("escape cut short")
		return 0
	}
	n, err := strconv.ParseUint(j.text[j.at:j.at+4], 16, 16)
	if err != nil {
		j.fail("escape with a digit that is not hexadecimal")
		return 0
	}
	j.at += 4
	return rune(n)
}

// skip reads any value and forgets it.
func (j *jsonText) skip() {
	switch c := j.next(); {
	case c == '{':
		j.object(func(string) { j.skip() })
	case c == '[':
		j.array(j.skip)
	case c == '"':
		j.str()
	case c >= '0' && c <= '9':
		j.uint()
	default:
		j.word()
	}
}

func (j *jsonText) word() {
	for _, w := range [...]string{"true", "false", "null"} {
		if len(j.text)-j.at >= len(w) && j.text[j.at:j.at+len(w)] == w {
			j.at += len(w)
			return
		}
	}
	j.fail("expected a value")
}

// appendJSON appends s as a JSON string.
func appendJSON(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			const hex = "0123456789abcdef"
			b = append(b, `\u00`...)
			b = append(b, hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
