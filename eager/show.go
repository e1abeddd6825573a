package eager

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"

	"github.com/tapir-go/tapir/eager/internal/array"
)

// summary is what is said about many numbers in one line.
type summary struct {
	n, nan, inf, nonzero int
	mean, std, lo, hi    float64 // of the finite ones
}

func summarise(v []float64) summary {
	s := summary{n: len(v), lo: math.Inf(1), hi: math.Inf(-1)}
	count, mean, square := 0.0, 0.0, 0.0 // Welford 1962
	for _, x := range v {
		switch {
		case math.IsNaN(x):
			s.nan++
			continue
		case math.IsInf(x, 0):
			s.inf++
			continue
		}
		if x != 0 {
			s.nonzero++
		}
		count++
		d := x - mean
		mean += d / count
		square += d * (x - mean)
		s.lo, s.hi = min(s.lo, x), max(s.hi, x)
	}
	s.mean = mean
	if count > 0 {
		s.std = math.Sqrt(square / count)
	}
	return s
}

// kind is "f32[64,784]".
func (x *Tensor) kind() string {
	return x.dtype().String() + "[" + strings.Trim(x.shape().String(), "()") + "]"
}

// header is the first line of a tensor's text.
func (x *Tensor) header(s summary) string {
	var b strings.Builder
	if n := x.Name(); n != "" {
		b.WriteString(n + " ")
	}
	b.WriteString(x.kind())
	switch {
	case s.n == 0:
		b.WriteString(" empty")
	case x.dtype() == Bool:
		fmt.Fprintf(&b, " %d true", s.nonzero)
	case s.n == s.nan+s.inf:
	case x.dtype().IsFloat():
		fmt.Fprintf(&b, " mean %.4g std %.4g range %.4g to %.4g", s.mean, s.std, s.lo, s.hi)
	default:
		fmt.Fprintf(&b, " range %.0f to %.0f", s.lo, s.hi)
	}
	if s.nan > 0 {
		fmt.Fprintf(&b, " NaN %d", s.nan)
	}
	if s.inf > 0 {
		fmt.Fprintf(&b, " Inf %d", s.inf)
	}
	return b.String()
}

// small is the largest number of elements that are all printed.
const small = 100

// String is the kind and shape, as in "f32[64,784]", with the mean, the standard deviation, the range, and the number of NaN
// and Inf if there are any; small tensors show all their elements as well, row by row.
func (x *Tensor) String() string {
	if x == nil {
		return "nil tensor"
	}
	if x.a.Store.Freed {
		return x.kind() + " given back at the end of its eager.Scope"
	}
	v := array.Float64s(&x.a)
	if x.Rank() == 0 {
		if n := x.Name(); n != "" {
			return n + " " + x.kind() + " " + x.digits(v[0])
		}
		return x.kind() + " " + x.digits(v[0])
	}
	head := x.header(summarise(v))
	if len(v) == 0 || len(v) > small {
		return head
	}
	return head + "\n" + x.grid(v)
}

func (x *Tensor) digits(v float64) string {
	switch {
	case x.dtype() == Bool:
		return strconv.FormatBool(v != 0)
	case x.dtype().IsFloat():
		return strconv.FormatFloat(v, 'g', 5, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// grid is all elements in aligned columns; matrices of a tensor with more axes are headed by their place.
func (x *Tensor) grid(v []float64) string {
	s := x.shape()
	cols := s[len(s)-1]
	rows := 1
	if len(s) > 1 {
		rows = s[len(s)-2]
	}
	cells, width := make([]string, len(v)), 0
	for i, e := range v {
		cells[i] = x.digits(e)
		width = max(width, len(cells[i]))
	}
	var b strings.Builder
	for i := range cells {
		if i > 0 && i%cols == 0 {
			b.WriteByte('\n')
		}
		if len(s) > 2 && i%(rows*cols) == 0 {
			b.WriteString(place(s[:len(s)-2], i/(rows*cols)))
		}
		if i%cols > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%*s", width, cells[i])
	}
	return b.String()
}

// place is the line over matrix k: "[1,0]:".
func place(s Shape, k int) string {
	index := make([]string, len(s))
	for i := len(s) - 1; i >= 0; i-- {
		index[i] = strconv.Itoa(k % s[i])
		k /= s[i]
	}
	return "[" + strings.Join(index, ",") + "]:\n"
}

// MIME shows the tensor in a notebook: text/plain is String; text/html is the same as a table, with a picture of tensors that look
// like one: (h,w), (1,h,w), (3,h,w), or batches (n,1,h,w) and (n,3,h,w). The HTML has no script.
func (x *Tensor) MIME() map[string]any {
	out := map[string]any{"text/plain": x.String()}
	if x == nil || x.a.Store.Freed {
		return out
	}
	v := array.Float64s(&x.a)
	var b strings.Builder
	b.WriteString("<div>")
	if x.Rank() == 0 {
		b.WriteString("<code>" + html.EscapeString(x.String()) + "</code>")
	} else {
		b.WriteString("<code>" + html.EscapeString(x.header(summarise(v))) + "</code>")
	}
	if uri, width, height := x.picture(v); uri != "" {
		fmt.Fprintf(&b, `<br><img alt="%s" width="%d" height="%d" style="image-rendering:pixelated" src="%s">`, x.kind(), width, height, uri)
	} else if n := len(v); x.Rank() > 0 && n > 0 && n <= small {
		x.table(&b, v)
	}
	b.WriteString("</div>")
	out["text/html"] = b.String()
	return out
}

// table writes all elements as tables, one a matrix.
func (x *Tensor) table(b *strings.Builder, v []float64) {
	s := x.shape()
	cols := s[len(s)-1]
	rows := len(v) / cols
	if len(s) > 1 {
		rows = s[len(s)-2]
	}
	for i, e := range v {
		if i%(rows*cols) == 0 {
			if len(s) > 2 {
				b.WriteString("<div><code>" + strings.TrimSpace(place(s[:len(s)-2], i/(rows*cols))) + "</code></div>")
			}
			b.WriteString("<table>")
		}
		if i%cols == 0 {
			b.WriteString("<tr>")
		}
		b.WriteString(`<td style="text-align:right">` + x.digits(e) + "</td>")
		if (i+1)%cols == 0 {
			b.WriteString("</tr>")
		}
		if (i+1)%(rows*cols) == 0 {
			b.WriteString("</table>")
		}
	}
}
