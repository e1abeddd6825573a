// A small web service and its client: routes, middleware, JSON, cookies, errors, and tests by httptest.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

type note struct {
	ID   int      `json:"id"`
	Text string   `json:"text"`
	Tags []string `json:"tags,omitempty"`
}

// store is an http.Handler for the notes.
type store struct {
	mu    sync.Mutex
	notes map[int]note
	last  int
	mux   *http.ServeMux
}

type httpError struct {
	code int
	text string
}

func (e httpError) Error() string { return e.text }

// handle turns a function that returns an error into a handler.
type handle func(w http.ResponseWriter, r *http.Request) (any, error)

func (h handle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	v, err := h(w, r)
	var he httpError
	switch {
	case errors.As(err, &he):
		w.WriteHeader(he.code)
		v = map[string]string{"error": he.text}
	case err != nil:
		w.WriteHeader(http.StatusInternalServerError)
		v = map[string]string{"error": err.Error()}
	case v == nil:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	json.NewEncoder(w).Encode(v)
}

func newStore() *store {
	s := &store{notes: map[int]note{}, mux: http.NewServeMux()}
	s.mux.Handle("GET /notes", handle(s.list))
	s.mux.Handle("POST /notes", handle(s.create))
	s.mux.Handle("GET /notes/{id}", handle(s.get))
	s.mux.Handle("DELETE /notes/{id}", handle(s.remove))
	s.mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "user", Value: r.FormValue("name"), Path: "/", HttpOnly: true})
		http.Redirect(w, r, "/me", http.StatusSeeOther)
	})
	s.mux.HandleFunc("/me", func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie("user")
		if err != nil {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "you are %s", c.Value)
	})
	s.mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("handler gave up") })
	s.mux.HandleFunc("/files/{path...}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.PathValue("path")) })
	return s
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *store) list(_ http.ResponseWriter, r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tag := r.URL.Query().Get("tag")
	found := []note{}
	for id := 1; id <= s.last; id++ {
		if n, ok := s.notes[id]; ok && (tag == "" || slices.Contains(n.Tags, tag)) {
			found = append(found, n)
		}
	}
	return found, nil
}

func (s *store) create(w http.ResponseWriter, r *http.Request) (any, error) {
	var n note
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 80)).Decode(&n); err != nil {
		return nil, httpError{http.StatusBadRequest, err.Error()}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	n.ID = s.last
	s.notes[n.ID] = n
	w.Header().Set("Location", "/notes/"+strconv.Itoa(n.ID))
	w.WriteHeader(http.StatusCreated)
	return n, nil
}

func (s *store) find(r *http.Request) (note, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return note{}, fmt.Errorf("id: %w", err)
	}
	n, ok := s.notes[id]
	if !ok {
		return n, httpError{http.StatusNotFound, fmt.Sprintf("no note %d", id)}
	}
	return n, nil
}

func (s *store) get(_ http.ResponseWriter, r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(r)
}

func (s *store) remove(_ http.ResponseWriter, r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.find(r)
	delete(s.notes, n.ID)
	return nil, err
}

type middleware func(http.Handler) http.Handler

func chain(h http.Handler, ms ...middleware) http.Handler {
	for _, m := range slices.Backward(ms) {
		h = m(h)
	}
	return h
}

// statusWriter remembers the status that was sent.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(code int) {
	w.status = code
	w.ResponseWriter.WriteHeader(code)
}

func logged(log *[]string) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sw := &statusWriter{w, http.StatusOK}
			next.ServeHTTP(sw, r)
			*log = append(*log, fmt.Sprint(r.Method, " ", r.URL.Path, " ", sw.status))
		})
	}
}

func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				http.Error(w, fmt.Sprint("recovered: ", v), http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func main() {
	var log []string
	h := chain(newStore(), logged(&log), recovered)
	for _, c := range [][3]string{
		{"POST", "/notes", `{"text":"first","tags":["a","b"]}`}, {"POST", "/notes", `{"text":"second <&>"}`}, {"POST", "/notes", `{"text":`}, {"POST", "/notes", `{"text":"` + strings.Repeat("x", 99) + `"}`},
		{"GET", "/notes", ""}, {"GET", "/notes?tag=a", ""}, {"GET", "/notes/2", ""}, {"GET", "/notes/7", ""}, {"GET", "/notes/x", ""},
		{"DELETE", "/notes/1", ""}, {"PUT", "/notes/1", ""}, {"GET", "/nowhere", ""}, {"GET", "/panic", ""}, {"GET", "/files/a/b.txt", ""},
	} {
		r := httptest.NewRequest(c[0], c[1], strings.NewReader(c[2]))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Printf("%s %s: %d %q %s %s\n", c[0], c[1], w.Code, strings.TrimSpace(w.Body.String()), w.Header().Get("Location"), w.Header().Get("Allow"))
	}
	fmt.Println(strings.Join(log[:3], "; "), len(log))

	// The same over a real connection, with a client that keeps cookies.
	server := httptest.NewServer(h)
	defer server.Close()
	jar, _ := cookiejar.New(nil)
	client := server.Client()
	client.Jar = jar
	ask := func(do func() (*http.Response, error)) {
		resp, err := do()
		if err != nil {
			fmt.Println(strings.ReplaceAll(err.Error(), server.URL, "URL"), errors.Is(err, context.Canceled))
			return
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		fmt.Println(resp.StatusCode, resp.Request.URL.Path, strings.TrimSpace(string(body)), err, resp.Header.Get("Content-Type"))
	}
	ask(func() (*http.Response, error) { return client.Get(server.URL + "/me") })
	ask(func() (*http.Response, error) { return client.Get(server.URL + "/login?name=ann") })
	ask(func() (*http.Response, error) {
		return client.Post(server.URL+"/notes", "application/json", strings.NewReader(`{"text":"third"}`))
	})
	ask(func() (*http.Response, error) { return client.PostForm(server.URL+"/login", url.Values{"name": {"x"}}) })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	ask(func() (*http.Response, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/me", nil)
		if err != nil {
			return nil, err
		}
		return client.Do(r)
	})
	fmt.Println(http.StatusText(418), http.DetectContentType([]byte("<html>")), http.CanonicalHeaderKey("x-my-header"))
}
