package main

// The results: one JSON object a line, and a line for people. Knows not how they were measured.

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
)

type results struct{ file *os.File }

// rate is bytestore beside one peer: million keys a second in each round.
type rate struct {
	Kind     string    `json:"kind"`
	Language string    `json:"language"`
	Op       string    `json:"op"`
	Form     form      `json:"form"`
	Entries  int       `json:"entries"`
	Key      int       `json:"key"`
	Value    int       `json:"value"`
	Batch    int       `json:"batch"`
	Threads  int       `json:"threads"`
	Peer     string    `json:"peer"`
	Version  string    `json:"version"`
	Ours     []float64 `json:"ours"`
	Theirs   []float64 `json:"theirs"`
}

// figure is one number for one store of keys and values as in the base case.
type figure struct {
	Kind     string  `json:"kind"`
	Language string  `json:"language"`
	What     string  `json:"what"`
	Store    string  `json:"store"`
	Version  string  `json:"version"`
	Entries  int     `json:"entries"`
	Value    float64 `json:"value"`
}

func (r results) addRate(rate rate) error {
	rate.Kind, rate.Language = "language", "go"
	ratios := make([]float64, len(rate.Ours))
	for i := range ratios {
		ratios[i] = rate.Ours[i] / rate.Theirs[i]
		rate.Ours[i], rate.Theirs[i] = rounded(rate.Ours[i]), rounded(rate.Theirs[i])
	}
	fmt.Fprintf(os.Stderr, "%-8s %-5s %8d × %5d B, batch %4d, %d threads, %-13s: %6.2f, %6.2f M keys/s, %6.2f ×\n", rate.Op, rate.Form,
		rate.Entries, rate.Value, rate.Batch, rate.Threads, rate.Peer, median(rate.Ours), median(rate.Theirs), median(ratios))
	return r.add(rate)
}

func (r results) addFigure(figure figure) error {
	figure.Kind, figure.Language, figure.Value = "language_figure", "go", rounded(figure.Value)
	fmt.Fprintf(os.Stderr, "%-13s %8d entries: %s %g\n", figure.Store, figure.Entries, figure.What, figure.Value)
	return r.add(figure)
}

func (r results) add(line any) error { return json.NewEncoder(r.file).Encode(line) }

// rounded leaves four digits: that is all that a measurement knows.
func rounded(number float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(number, 'g', 4, 64), 64)
	if err != nil {
		panic(err) // what FormatFloat writes ParseFloat reads
	}
	return short
}

func median(numbers []float64) float64 {
	sorted := slices.Sorted(slices.Values(numbers))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
