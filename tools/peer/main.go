// Command peer lists who can talk to whom in a folder of manifests as the policy engine of cyclonus sees it: an engine
// of other people, against which tools/peers.py holds solutio's. It reads workloads, namespaces and NetworkPolicies, asks
// the engine about every pair, protocol and stretch of ports, and prints the rows that solutio reach prints.
//
//	peer [-absent-not-in] DIR > connections.json
//
// Addresses outside of the cluster stand for themselves: one of each stretch that the ipBlocks cut.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
)

type row struct {
	Src         string              `json:"src"`
	Dst         string              `json:"dst"`
	Connections map[string][][2]int `json:"connections"`
}

func main() {
	absentMatches := flag.Bool("absent-not-in", false, "let NotIn match a label that is absent, as Kubernetes does")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: peer [-absent-not-in] DIR")
		os.Exit(2)
	}
	found, err := readFolder(flag.Arg(0))
	if err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(2)
	}
	if *absentMatches {
		matchAbsent(found)
	}
	if err := print(connections(found)); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(2)
	}
}

func print(rows []row) error {
	sort.SliceStable(rows, func(i, j int) bool {
		if rows[i].Src != rows[j].Src {
			return rows[i].Src < rows[j].Src
		}
		return rows[i].Dst < rows[j].Dst
	})
	out := bufio.NewWriter(os.Stdout)
	fmt.Fprint(out, "[")
	for i, each := range rows {
		text, err := json.Marshal(each)
		if err != nil {
			return err
		}
		if i > 0 {
			fmt.Fprint(out, ",")
		}
		fmt.Fprintf(out, "\n%s", text)
	}
	fmt.Fprint(out, "\n]\n")
	return out.Flush()
}
