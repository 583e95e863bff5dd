// Answers is a web server in front of something slow, a language model for one: it keeps answers for an hour in 256
// MiB, and asks once for a question that many ask at the same time. It asks itself a hundred times and ends.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	bytestore "github.com/bytestore/bytestore/bindings/go"
)

type server struct {
	answers bytestore.Strings
	asked   atomic.Int64 // how often the model was
}

// ask stands for the slow thing.
func (s *server) ask(ctx context.Context, questions []string) ([][]byte, error) {
	s.asked.Add(1)
	select {
	case <-time.After(100 * time.Millisecond):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	answers := make([][]byte, len(questions))
	for i, question := range questions {
		answers[i] = fmt.Appendf(nil, "%q has %d letters", question, len(question))
	}
	return answers, nil
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answers, err := s.answers.MGetOrCompute(r.Context(), []string{r.URL.Query().Get("q")}, s.ask)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Write(answers[0])
}

func get(address string) (string, error) {
	response, err := http.Get(address)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func main() {
	store, err := bytestore.NewWithOptions(bytestore.Options{MaxBytes: 256 << 20, TTL: time.Hour})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	answering := &server{answers: store.Strings()}
	site := httptest.NewServer(answering)
	defer site.Close()

	var clients sync.WaitGroup
	for range 100 {
		clients.Add(1)
		go func() {
			defer clients.Done()
			if _, err := get(site.URL + "?q=" + url.QueryEscape("why is the sky blue")); err != nil {
				log.Print(err)
			}
		}()
	}
	clients.Wait()
	answer, err := get(site.URL + "?q=" + url.QueryEscape("why is the sky blue"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer)
	fmt.Println("asked", answering.asked.Load(), "time for 101 requests")
}
