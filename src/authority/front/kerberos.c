/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses that AD CS gives to Kerberos.  They are never advertised; a client that was set to one is told why it fails,
 * as CEP and CES tell failures: by a SOAP fault.
 */
#include "authority/front/soap-service.h"

static void ask(struct exchange *ex)
{
	struct soap_request r = { 0 };
	struct soap_fault unread = { 0 };
	/* read for its message id alone */
	soap_read_request(ex->arena, ex->request.body, &r, &unread);
	ex->relates_to = r.message_id.p ? r.message_id : STR("");
	soap_answer_fault(
		ex,
		&(struct soap_fault){
			.code = SOAP_SENDER,
			.text = STR(
				"Kerberos is not served here. Use the addresses with UsernamePassword or Certificate."),
		});
}

const struct web_protocol web_kerberos = {
	.name = "kerberos",
	.longest_body = 256 << 10,
	.ask = ask,
};
