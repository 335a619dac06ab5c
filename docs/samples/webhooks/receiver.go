// Receives Epay's webhooks, believes only what Epay signed, and acts once on each.
//
//	EPAY_WEBHOOK_SECRET=whsec_… PORT=3000 go run receiver.go
package main

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	tolerance    = 5 * time.Minute
	bodyBytesMax = 64 << 10
)

// isAuthentic reports whether Epay signed this body with this key, no more than five minutes ago.
func isAuthentic(key []byte, header http.Header, body []byte, now time.Time) bool {
	id, timestamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if id == "" || err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.", id, timestamp)
	mac.Write(body)
	expected := mac.Sum(nil)
	for _, signature := range strings.Fields(header.Get("webhook-signature")) {
		version, value, _ := strings.Cut(signature, ",")
		given, err := base64.StdEncoding.DecodeString(value)
		if version == "v1" && err == nil && hmac.Equal(given, expected) {
			return true
		}
	}
	return false
}

type event struct {
	Transaction *struct {
		Reference string `json:"reference"`
		Status    string `json:"status"`
	} `json:"transaction"`
}

type receiver struct {
	key []byte
	// In your application: a unique key in the database, inserted in the transaction of the event's effect.
	seen sync.Map
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, bodyBytesMax))
	if err != nil || !isAuthentic(r.key, request.Header, body, time.Now()) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var received event
	if err := json.Unmarshal(body, &received); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	id := request.Header.Get("webhook-id")
	if _, repeated := r.seen.LoadOrStore(id, true); !repeated {
		actOn(id, received)
	}
	w.WriteHeader(http.StatusNoContent)
}

func actOn(id string, received event) {
	if received.Transaction == nil {
		return // not a payment: an event type that this receiver does not know
	}
	fmt.Println("ok", id, received.Transaction.Reference, received.Transaction.Status)
}

func main() {
	secret := strings.TrimPrefix(os.Getenv("EPAY_WEBHOOK_SECRET"), "whsec_")
	key, err := base64.StdEncoding.DecodeString(secret)
	if err != nil || len(key) == 0 {
		log.Fatal("EPAY_WEBHOOK_SECRET is not set to a whsec_… secret")
	}
	mux := http.NewServeMux()
	mux.Handle("POST /webhooks", &receiver{key: key}) // other methods get 405
	server := &http.Server{
		Addr:        "127.0.0.1:" + cmp.Or(os.Getenv("PORT"), "3000"),
		Handler:     mux,
		ReadTimeout: 15 * time.Second,
	}
	log.Fatal(server.ListenAndServe())
}
