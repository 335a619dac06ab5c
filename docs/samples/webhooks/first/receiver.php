<?php
$event = json_decode(file_get_contents('php://input'));
error_log("{$event->transaction->reference} {$event->transaction->status}");
http_response_code(200);
