package eager

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"math"
	"regexp"
	"strings"
	"testing"
)

func TestTensorsPrintTheirKindShapeAndNumbers(t *testing.T) {
	for _, c := range []struct {
		x    *Tensor
		want string
	}{
		{Scalar(0.25), "f32[] 0.25"},
		{Scalar(0.25).SetName("loss"), "loss f32[] 0.25"},
		{New([]float64{1, -2.5, 3, 4, 5, 6}, 2, 3), "f32[2,3] mean 2.75 std 2.825 range -2.5 to 6\n   1 -2.5    3\n   4    5    6"},
		{FromInts([]int{1, 20}, 2), "i64[2] range 1 to 20\n 1 20"},
		{FromBool([]bool{true, false}, 2), "bool[2] 1 true\n true false"},
		{Zeros(0, 3), "f32[0,3] empty"},
		{New([]float64{math.NaN(), 1, math.Inf(1), 3}, 4), "f32[4] mean 2 std 1 range 1 to 3 NaN 1 Inf 1\n NaN    1 +Inf    3"},
		{Param("w", Ones(2, 1, 2)), "w f32[2,1,2] mean 1 std 0 range 1 to 1\n[0]:\n1 1\n[1]:\n1 1"},
		{Arange(0, 784*64, 1).Reshape(64, 784), "f32[64,784] mean 2.509e+04 std 1.448e+04 range 0 to 5.018e+04"},
		{ints(Float32, 2, 2).T(), "f32[2,2] mean 1.5 std 1.118 range 0 to 3\n0 2\n1 3"},
		{nil, "nil tensor"},
	} {
		if got := c.x.String(); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}

var image64 = regexp.MustCompile(`<img alt="[^"]*" width="(\d+)" height="(\d+)" style="[^"]*" src="data:image/png;base64,([^"]*)">`)

func TestPicturesOfWhatLooksLikeOne(t *testing.T) {
	for _, c := range []struct {
		shape         []int
		width, height int // of the PNG; 0: no picture
	}{
		{[]int{28, 28}, 28, 28}, {[]int{1, 28, 28}, 28, 28}, {[]int{3, 16, 20}, 20, 16}, {[]int{4, 1, 8, 8}, 17, 17}, {[]int{100, 3, 8, 8}, 71, 71},
		{[]int{2, 8, 8}, 0, 0}, {[]int{7, 28}, 0, 0}, {[]int{28}, 0, 0}, {[]int{0, 1, 28, 28}, 0, 0}, {[]int{5, 2, 8, 8}, 0, 0}, {[]int{2000, 2000}, 0, 0},
	} {
		text := NewRand(1).Uniform(0, 1, c.shape...).MIME()["text/html"].(string)
		if strings.Contains(text, "<script") {
			t.Errorf("%v: a script in %s", c.shape, text)
		}
		m := image64.FindStringSubmatch(text)
		if c.width == 0 {
			if m != nil {
				t.Errorf("%v: a picture", c.shape)
			}
			continue
		}
		if m == nil {
			t.Errorf("%v: no picture in %.100s", c.shape, text)
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(m[3])
		if err != nil {
			t.Fatal(err)
		}
		im, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if b := im.Bounds(); b.Dx() != c.width || b.Dy() != c.height {
			t.Errorf("%v: a picture of %v, want (%d,%d)", c.shape, b, c.width, c.height)
		}
	}
}

func TestPicturesShowTheNumbers(t *testing.T) {
	x := Zeros(3, 8, 8)
	v := x.a.F32()
	v[0], v[64+1], v[128+2], v[3] = 1, 1, 1, float32(math.NaN())
	m := image64.FindStringSubmatch(x.MIME()["text/html"].(string))
	raw, _ := base64.StdEncoding.DecodeString(m[3])
	im, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][3]uint32{{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {220, 0, 0}, {0, 0, 0}} {
		if r, g, b, _ := im.At(i, 0).RGBA(); r>>8 != want[0] || g>>8 != want[1] || b>>8 != want[2] {
			t.Errorf("pixel %d is %d %d %d, want %v", i, r>>8, g>>8, b>>8, want)
		}
	}
}

func TestSmallTensorsAreTables(t *testing.T) {
	bundle := New([]float64{1, 2, 3, 4}, 2, 2).SetName("<w>").MIME()
	const want = `<div><code>&lt;w&gt; f32[2,2] mean 2.5 std 1.118 range 1 to 4</code><table>` +
		`<tr><td style="text-align:right">1</td><td style="text-align:right">2</td></tr>` +
		`<tr><td style="text-align:right">3</td><td style="text-align:right">4</td></tr></table></div>`
	if got := bundle["text/html"]; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if bundle["text/plain"] != "<w> f32[2,2] mean 2.5 std 1.118 range 1 to 4\n1 2\n3 4" {
		t.Errorf("got %q", bundle["text/plain"])
	}
}
