// A stand-in for CoreDNS: it answers the probes of kubeadm's Deployment and refuses every DNS query.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
)

func main() {
	healthy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "OK") })
	for _, address := range []string{":8080", ":8181", ":9153"} {
		go func(address string) { log.Fatal(http.ListenAndServe(address, healthy)) }(address)
	}
	socket, err := net.ListenPacket("udp", ":53")
	if err != nil {
		log.Fatal(err)
	}
	message := make([]byte, 1500)
	for {
		length, client, err := socket.ReadFrom(message)
		if err != nil || length < 12 {
			continue
		}
		message[2] |= 0x80                 // this is an answer:
		message[3] = message[3]&0xf0 | 0x5 // refused
		_, _ = socket.WriteTo(message[:length], client)
	}
}
