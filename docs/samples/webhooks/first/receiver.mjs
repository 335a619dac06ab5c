import { createServer } from 'node:http';

createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const { transaction } = JSON.parse(body);
  console.log(transaction.reference, transaction.status);
  response.writeHead(200).end();
}).listen(process.env.PORT ?? 3000, '127.0.0.1');
