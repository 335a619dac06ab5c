<?php
// The smallest webhook receiver: read the body, decode it, answer 200.
$body = file_get_contents('php://input');
$event = json_decode($body);
file_put_contents(getenv('RECEIVED'), json_encode(['reference' => $event->transaction->reference,
    'status' => $event->transaction->status, 'body' => base64_encode($body)]) . "\n", FILE_APPEND);
http_response_code(200);
