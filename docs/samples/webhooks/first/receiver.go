package main

import (
	"cmp"
	"encoding/json"
	"log"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("POST /webhooks", func(w http.ResponseWriter, r *http.Request) {
		var event struct {
			Transaction struct{ Reference, Status string }
		}
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		log.Println(event.Transaction.Reference, event.Transaction.Status)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+cmp.Or(os.Getenv("PORT"), "3000"), nil))
}
