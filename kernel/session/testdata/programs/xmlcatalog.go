// An XML catalogue: attributes, nesting, text, own marshalers, and the stream of tokens.

package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const catalogue = `<?xml version="1.0" encoding="UTF-8"?>
<!-- all that we have -->
<catalogue xmlns:x="urn:extra" version="2">
	<record id="r1" x:rank="3">
		<title lang="en">Kind of Blue</title>
		<artist>Miles &amp; Co</artist>
		<tracks><track length="9:22">So What</track><track length="5:37">Blue in Green</track></tracks>
		<note><![CDATA[5 < 6]]></note>
	</record>
	<record id="r2" sold="true">
		<title>Bach</title>
		<artist>Gould</artist>
		<extra>ignored</extra>
	</record>
</catalogue>`

// A length is minutes and seconds, in attributes as in text.
type length int

func (l length) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	return xml.Attr{Name: name, Value: fmt.Sprintf("%d:%02d", l/60, l%60)}, nil
}

func (l *length) UnmarshalXMLAttr(attr xml.Attr) error {
	var m, s int
	if _, err := fmt.Sscanf(attr.Value, "%d:%d", &m, &s); err != nil {
		return fmt.Errorf("length %q: %w", attr.Value, err)
	}
	*l = length(m*60 + s)
	return nil
}

type track struct {
	Length length `xml:"length,attr"`
	Name   string `xml:",chardata"`
}

type title struct {
	Lang string `xml:"lang,attr,omitempty"`
	Text string `xml:",chardata"`
}

type record struct {
	XMLName xml.Name `xml:"record"`
	ID      string   `xml:"id,attr"`
	Rank    int      `xml:"urn:extra rank,attr,omitempty"`
	Sold    bool     `xml:"sold,attr"`
	Title   title    `xml:"title"`
	Artist  string   `xml:"artist"`
	Tracks  []track  `xml:"tracks>track"`
	Note    *string  `xml:"note"`
	Comment string   `xml:",comment"`
}

type library struct {
	XMLName xml.Name `xml:"catalogue"`
	Version int      `xml:"version,attr"`
	Records []record `xml:"record"`
}

// pairs writes itself as a list of elements named by its keys.
type pairs [][2]string

func (p pairs) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: "n"}, Value: fmt.Sprint(len(p))})
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for _, kv := range p {
		if err := e.EncodeElement(kv[1], xml.StartElement{Name: xml.Name{Local: kv[0]}}); err != nil {
			return err
		}
	}
	return e.EncodeToken(start.End())
}

func outline(text string) {
	d := xml.NewDecoder(strings.NewReader(text))
	depth := 0
	for {
		t, err := d.Token()
		if err != nil {
			if err != io.EOF {
				fmt.Println("error:", err)
			}
			return
		}
		switch t := t.(type) {
		case xml.StartElement:
			line, _ := d.InputPos()
			fmt.Printf("%s%s", strings.Repeat(". ", depth), t.Name.Local)
			for _, a := range t.Attr {
				fmt.Printf(" %s=%q", a.Name.Local, a.Value)
			}
			fmt.Println(" on line", line)
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			if s := strings.TrimSpace(string(t)); s != "" {
				fmt.Printf("%s%q\n", strings.Repeat(". ", depth), s)
			}
		case xml.Comment:
			fmt.Printf("comment %q\n", string(t))
		case xml.ProcInst:
			fmt.Printf("instruction %s %s\n", t.Target, t.Inst)
		}
	}
}

func main() {
	var lib library
	err := xml.Unmarshal([]byte(catalogue), &lib)
	fmt.Println(err, lib.Version, len(lib.Records))
	for _, r := range lib.Records {
		total := length(0)
		for _, t := range r.Tracks {
			total += t.Length
		}
		note := "none"
		if r.Note != nil {
			note = *r.Note
		}
		fmt.Printf("%s %d %t %+v by %q, %d tracks of %ds, note %s\n", r.ID, r.Rank, r.Sold, r.Title, r.Artist, len(r.Tracks), total, note)
	}

	text := "a < b"
	lib.Records = append(lib.Records[1:], record{ID: "r3", Title: title{"de", "Über & unter"}, Tracks: []track{{61, "<one>"}}, Note: &text, Comment: " new "})
	out, err := xml.MarshalIndent(lib, "", "  ")
	fmt.Printf("%s %v\n", out, err)

	b, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"settings"`
		All     pairs    `xml:"all"`
		Empty   string   `xml:"empty,omitempty"`
		Inner   string   `xml:",innerxml"`
	}{All: pairs{{"color", "red"}, {"size", "<10>"}}})
	fmt.Println(string(b), err)
	b, err = xml.Marshal(pairs{{"k", "v"}})
	fmt.Println(string(b), err)

	outline(catalogue[:strings.Index(catalogue, "<tracks>")] + "</record></catalogue>")
	outline("<a><b></a>")
	var syntax *xml.SyntaxError
	err = xml.Unmarshal([]byte("<record>\n<title>"), &record{})
	fmt.Println(errors.As(err, &syntax), err)
	err = xml.Unmarshal([]byte(`<track length="x">t</track>`), &track{})
	fmt.Println(err)
	var sb strings.Builder
	xml.EscapeText(&sb, []byte("\"q\" <&>\n"))
	fmt.Println(sb.String())
}
