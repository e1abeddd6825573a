package notebook

import "strings"

// Notebook is one notebook: its cells in order and what is kept beside them.
type Notebook struct {
	Cells    []*Cell
	Metadata map[string]any // kernelspec, language_info and others; JSON values, numbers as json.Number
	Minor    int            // the minor version of nbformat 4
	rest     map[string]any // fields that this package does not know
}

// Cell is one cell. Outputs and Count belong to code cells alone.
type Cell struct {
	Type     string // "code", "markdown" or "raw"
	ID       string // empty below nbformat 4.5
	Source   string
	Metadata map[string]any
	Count    int // the number of the execution, 0 if the cell was not run
	Outputs  []*Output
	rest     map[string]any // attachments and fields that this package does not know
}

// Output is one output of a code cell. Which fields count depends on Type.
type Output struct {
	Type      string         // "stream", "display_data", "execute_result" or "error"
	Name      string         // stream: "stdout" or "stderr"
	Text      string         // stream
	Data      map[string]any // display_data, execute_result: MIME type to value; pictures as base64 text
	Metadata  map[string]any // display_data, execute_result
	Count     int            // execute_result
	ErrorName string         // error
	Error     string         // error
	Traceback []string       // error: lines for people, with ANSI colours
	rest      map[string]any
}

// Tagged tells whether the cell has a tag.
func (c *Cell) Tagged(tag string) bool {
	tags, _ := c.Metadata["tags"].([]any)
	for _, t := range tags {
		if t == tag {
			return true
		}
	}
	return false
}

// Plain is the output as text without pictures: a stream's text, the text/plain of a value or display, an error's
// name and text. It is empty for an output that has no text.
func (o *Output) Plain() string {
	switch o.Type {
	case "stream":
		return o.Text
	case "error":
		return o.ErrorName + ": " + o.Error
	default:
		text, _ := o.Data["text/plain"].(string)
		return text
	}
}

// PlainOutputs is what the cell put out, one string for an output (Plain), with neighbouring texts of one stream joined.
func (c *Cell) PlainOutputs() []string {
	var texts []string
	for i, o := range c.Outputs {
		if i > 0 && o.Type == "stream" && c.Outputs[i-1].Type == "stream" && c.Outputs[i-1].Name == o.Name {
			texts[len(texts)-1] += o.Text
			continue
		}
		texts = append(texts, o.Plain())
	}
	return texts
}

// ClearOutputs forgets the outputs and execution numbers of all code cells.
func (n *Notebook) ClearOutputs() {
	for _, c := range n.Cells {
		c.Outputs, c.Count = nil, 0
	}
}

// blank tells whether a source has nothing to run.
func blank(source string) bool { return strings.TrimSpace(source) == "" }
