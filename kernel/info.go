package kernel

import "github.com/tapir-go/tapir/kernel/wire"

// kernelInfo is the content of kernel_info_reply.
func (s *Server) kernelInfo() []byte {
	return marshal(map[string]any{
		"status":                 "ok",
		"protocol_version":       wire.Version,
		"implementation":         s.options.Name,
		"implementation_version": s.options.Version,
		"banner":                 s.options.Banner,
		"help_links":             s.options.HelpLinks,
		"debugger":               false,
		"supported_features":     []string{},
		"language_info": map[string]any{
			"name":               "go",
			"version":            goVersion(),
			"mimetype":           "text/x-go",
			"file_extension":     ".go",
			"pygments_lexer":     "go",
			"codemirror_mode":    "go",
			"nbconvert_exporter": "script",
		},
	})
}
