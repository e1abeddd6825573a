// Bytes as text and back: hex, base64, base32, binary records, varints, run lengths, and pem-like armor.

package main

import (
	"bytes"
	"encoding/ascii85"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// header is written field by field, without gaps.
type header struct {
	Magic   [4]byte
	Version uint16
	Flags   uint8
	_       uint8
	Size    int32
	Scale   float32
}

// record has a length in front of its name.
type record struct {
	ID    uint32
	Name  string
	Parts []int16
}

var (
	errShort = errors.New("record too short")
	errSum   = errors.New("wrong checksum")
)

func (r record) MarshalBinary() ([]byte, error) {
	b := binary.BigEndian.AppendUint32(nil, r.ID)
	b = binary.AppendUvarint(b, uint64(len(r.Name)))
	b = append(b, r.Name...)
	b = binary.AppendUvarint(b, uint64(len(r.Parts)))
	for _, p := range r.Parts {
		b = binary.AppendVarint(b, int64(p))
	}
	return append(b, checksum(b)), nil
}

func (r *record) UnmarshalBinary(b []byte) error {
	if len(b) < 7 {
		return errShort
	}
	if checksum(b[:len(b)-1]) != b[len(b)-1] {
		return errSum
	}
	in := bytes.NewReader(b[4 : len(b)-1])
	r.ID = binary.BigEndian.Uint32(b)
	n, err := binary.ReadUvarint(in)
	if err != nil {
		return err
	}
	name := make([]byte, n)
	if _, err := io.ReadFull(in, name); err != nil {
		return fmt.Errorf("name: %w", err)
	}
	r.Name = string(name)
	count, err := binary.ReadUvarint(in)
	if err != nil {
		return fmt.Errorf("count: %w", err)
	}
	for range count {
		p, err := binary.ReadVarint(in)
		if err != nil {
			return fmt.Errorf("parts: %w", err)
		}
		r.Parts = append(r.Parts, int16(p))
	}
	return nil
}

func checksum(b []byte) (sum byte) {
	for _, c := range b {
		sum = sum<<1 ^ sum>>7 ^ c
	}
	return sum
}

// runLength writes 3a2b for aaabb.
func runLength(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && s[j] == s[i] {
			j++
		}
		if j-i > 1 {
			fmt.Fprint(&b, j-i)
		}
		b.WriteByte(s[i])
		i = j
	}
	return b.String()
}

func unRunLength(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n = n*10 + int(r-'0')
			continue
		}
		b.WriteString(strings.Repeat(string(r), max(n, 1)))
		n = 0
	}
	return b.String()
}

// burrowsWheeler sorts all rotations; equal letters come together.
func burrowsWheeler(s string) string {
	s += "$"
	rotations := make([]string, len(s))
	for i := range s {
		rotations[i] = s[i:] + s[:i]
	}
	slices.Sort(rotations)
	var b strings.Builder
	for _, r := range rotations {
		b.WriteByte(r[len(r)-1])
	}
	return b.String()
}

func unBurrowsWheeler(s string) string {
	order := make([]int, len(s))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(s[a]) - int(s[b]) })
	var b strings.Builder
	for at := order[0]; b.Len() < len(s)-1; {
		at = order[at]
		b.WriteByte(s[at])
	}
	return b.String()
}

func main() {
	data := []byte("héllo \x00\xff~")
	h := hex.EncodeToString(data)
	back, err := hex.DecodeString(h)
	fmt.Println(h, bytes.Equal(back, data), err)
	_, err = hex.DecodeString("abc")
	_, err2 := hex.DecodeString("zz")
	fmt.Println(err, errors.Is(err, hex.ErrLength), err2)
	fmt.Print(hex.Dump([]byte("0123456789abcdef\n\t!")))

	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.StdEncoding.WithPadding('*')} {
		s := e.EncodeToString(data)
		back, err := e.DecodeString(s)
		fmt.Print(s, " ", bytes.Equal(back, data), err, " ")
	}
	fmt.Println(base64.StdEncoding.EncodedLen(10), base64.RawURLEncoding.DecodedLen(11))
	_, err = base64.StdEncoding.DecodeString("aGk!")
	_, err2 = base64.StdEncoding.DecodeString("aGk")
	fmt.Println(err, err2)
	fmt.Println(base32.StdEncoding.EncodeToString(data), base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte("hi")))
	a85 := make([]byte, ascii85.MaxEncodedLen(4))
	fmt.Println(string(a85[:ascii85.Encode(a85, []byte("Man "))]))
	var stream strings.Builder
	w := base64.NewEncoder(base64.StdEncoding, &stream)
	for _, part := range []string{"any ", "carnal", " pleasure"} {
		io.WriteString(w, part)
	}
	w.Close()
	plain, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, strings.NewReader(stream.String()[:8]+"\n"+stream.String()[8:])))
	fmt.Println(stream.String(), string(plain), err)

	var buf bytes.Buffer
	err = binary.Write(&buf, binary.LittleEndian, header{[4]byte{'T', 'A', 'P', 'R'}, 0x0102, 7, 0, -2, 1.5})
	fmt.Printf("% x %v %d\n", buf.Bytes(), err, binary.Size(header{}))
	var hd header
	err = binary.Read(&buf, binary.LittleEndian, &hd)
	fmt.Println(string(hd.Magic[:]), hd.Version, hd.Flags, hd.Size, hd.Scale, err, binary.Read(&buf, binary.LittleEndian, &hd))
	b := make([]byte, 8)
	binary.LittleEndian.PutUint16(b, 0xABCD)
	binary.BigEndian.PutUint32(b[2:], 0xDEADBEEF)
	fmt.Printf("%x %#x %d\n", b, binary.BigEndian.Uint16(b), binary.LittleEndian.Uint64(b)>>48)
	for _, v := range []int64{0, -1, 63, -64, 64, 300, -1 << 40} {
		e := binary.AppendVarint(nil, v)
		d, n := binary.Varint(e)
		fmt.Printf("%d:%x(%t,%d) ", v, e, d == v, n)
	}
	_, n := binary.Uvarint([]byte{0x80, 0x80})
	_, over := binary.Uvarint(bytes.Repeat([]byte{0xff}, 11))
	fmt.Println(n, over)

	r := record{77, "größe", []int16{-1, 0, 300, -32768}}
	e, _ := r.MarshalBinary()
	var copied record
	fmt.Printf("%x %v %+v\n", e, copied.UnmarshalBinary(e), copied)
	e[6] ^= 1
	fmt.Println(copied.UnmarshalBinary(e), copied.UnmarshalBinary(e[:3]))
	short := []byte{0, 0, 0, 1, 9, 'a', 'b'}
	short = append(short, checksum(short))
	err = copied.UnmarshalBinary(short)
	fmt.Println(err, errors.Is(err, io.ErrUnexpectedEOF))

	for _, s := range []string{"banana_bandana", "aaaabbbcca", "", "mississippi"} {
		t := burrowsWheeler(s)
		fmt.Println(t, runLength(t), unBurrowsWheeler(t) == s, unRunLength(runLength(s)) == s)
	}
	armor := pem.EncodeToMemory(&pem.Block{Type: "TEST", Headers: map[string]string{"Key": "value"}, Bytes: data})
	block, rest := pem.Decode(append(armor, "after"...))
	fmt.Printf("%s%s %v %t %q\n", armor, block.Type, block.Headers, bytes.Equal(block.Bytes, data), rest)
}
