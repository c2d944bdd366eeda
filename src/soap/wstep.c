/* SPDX-License-Identifier: Apache-2.0 */
#include "soap/wstep.h"

#include "pki/request.h"

enum { ANSWER_MAX = 96 << 10 };

static bool wrong(struct soap_fault *fault, const char *text)
{
	*fault = (struct soap_fault){ .code = SOAP_SENDER, .subcode = "wst:InvalidRequest", .text = str_of(text) };
	return false;
}

static void read_context(const struct xml *rst, struct wstep_request *ret)
{
	const struct xml *item = xml_child(xml_child(rst, NS_AUTH, "AdditionalContext"), NS_AUTH, "ContextItem");
	for (; item; item = xml_next(item, NS_AUTH, "ContextItem")) {
		if (!str_iis(xml_attribute(item, "", "Name"), "CertificateTemplate"))
			continue;
		struct str name = xml_text(xml_child(item, NS_AUTH, "Value"));
		ret->several_templates |= ret->template.n > 0 && !str_eq(ret->template, name);
		ret->template = name;
	}
}

static bool read_id(const struct xml *rst, struct wstep_request *ret, struct soap_fault *fault)
{
	bool twice = false;
	const struct xml *id = xml_only(rst, NS_WSTEP, "RequestID", &twice);
	if (twice || !id || xml_is_nil(id) || !str_to_u64(xml_text(id), INT32_MAX, &ret->request_id) ||
	    ret->request_id == 0)
		return wrong(fault, "A status is asked for by one request number.");
	return true;
}

bool wstep_read_request(struct arena *a, const struct xml *body, struct str action, struct wstep_request *ret,
			struct soap_fault *fault)
{
	bool twice = false, ket = str_is(action, ACTION_KET);
	*ret = (struct wstep_request){ 0 };
	if (!xml_is(body, NS_WST, "RequestSecurityToken"))
		return wrong(fault, "The body is not a RequestSecurityToken.");
	const struct xml *type = xml_only(body, NS_WST, "RequestType", &twice),
			 *token = xml_only(body, NS_WSSE, "BinarySecurityToken", &twice),
			 *kind = xml_only(body, NS_WST, "TokenType", &twice);
	struct str text = xml_text(type);
	if (twice)
		return wrong(fault, "An element that may be there once is there twice.");
	if (kind && !str_is(xml_text(kind), TOKEN_X509))
		return wrong(fault, "Only X.509 certificates are issued here.");
	if (str_is(text, WST_KET) || ket) {
		ret->kind = WSTEP_KEY_EXCHANGE;
		return (str_is(text, WST_KET) && ket) || wrong(fault, "The action and the request type do not agree.");
	}
	if (str_is(text, WSTEP_STATUS)) {
		ret->kind = WSTEP_QUERY;
		return read_id(body, ret, fault);
	}
	if (!str_is(text, WST_ISSUE) && !str_is(text, WST_RENEW))
		return wrong(fault, "The request type is unknown.");
	ret->kind = WSTEP_ISSUE;
	ret->token = xml_text(token);
	if (ret->token.n == 0)
		return wrong(fault, "The message holds no certificate request.");
	read_context(body, ret);
	return true;
}

static void put_binary(struct arena *a, struct out *o, const char *value_type, struct str der)
{
	out_printf(o, "<BinarySecurityToken ValueType=\"%s\" EncodingType=\"" TOKEN_BASE64 "\" xmlns=\"" NS_WSSE "\">",
		   value_type);
	out_str(o, base64_made(a, der)); /* on one line: cepces takes no other */
	out_text(o, "</BinarySecurityToken>");
}

void wstep_write_answer(struct arena *a, struct out *o, const struct wstep_answer *answer, struct str relates_to)
{
	soap_begin_answer(o, ACTION_RSTRC, relates_to);
	out_text(o, "<RequestSecurityTokenResponseCollection xmlns=\"" NS_WST
		    "\"><RequestSecurityTokenResponse><TokenType>" TOKEN_X509
		    "</TokenType><DispositionMessage xml:lang=\"en-US\" xmlns=\"" NS_WSTEP "\">");
	xml_escape(o, answer->message);
	out_text(o, "</DispositionMessage>");
	if (answer->cmc.n > 0)
		put_binary(a, o, TOKEN_PKCS7, answer->cmc);
	out_text(o, "<RequestedSecurityToken>");
	if (answer->issued) {
		put_binary(a, o, TOKEN_X509, answer->leaf);
	} else {
		out_text(o, "<SecurityTokenReference xmlns=\"" NS_WSSE "\"><Reference URI=\"");
		xml_escape(o, answer->poll);
		out_text(o, "\"/></SecurityTokenReference>");
	}
	out_printf(o,
		   "</RequestedSecurityToken><RequestID xmlns=\"" NS_WSTEP
		   "\">%llu</RequestID></RequestSecurityTokenResponse></RequestSecurityTokenResponseCollection>",
		   (unsigned long long)answer->request_id);
	soap_end(o);
}

void wstep_write_request(struct arena *a, struct out *o, struct str message_id, struct str to, struct str username,
			 struct str password, struct str request, bool cms, uint64_t request_id)
{
	soap_begin_request(o, ACTION_RST, message_id, to, username, password);
	out_printf(o,
		   "<RequestSecurityToken xmlns=\"" NS_WST "\"><TokenType>" TOKEN_X509
		   "</TokenType><RequestType>%s</RequestType>",
		   request.n > 0 ? WST_ISSUE : WSTEP_STATUS);
	if (request.n > 0) {
		put_binary(a, o, cms ? TOKEN_PKCS7 : TOKEN_PKCS10, request);
		out_text(o, "<RequestID xsi:nil=\"true\" xmlns=\"" NS_WSTEP "\"/>");
	} else {
		out_printf(o, "<RequestID xmlns=\"" NS_WSTEP "\">%llu</RequestID>", (unsigned long long)request_id);
	}
	out_text(o, "</RequestSecurityToken>");
	soap_end(o);
}

const char *wstep_read_answer(struct arena *a, const struct xml *body, struct wstep_answer *ret)
{
	*ret = (struct wstep_answer){ 0 };
	const struct xml *answer = xml_child(body, NS_WST, "RequestSecurityTokenResponse"),
			 *requested = xml_child(answer, NS_WST, "RequestedSecurityToken"),
			 *leaf = xml_child(requested, NS_WSSE, "BinarySecurityToken"),
			 *cmc = xml_child(answer, NS_WSSE, "BinarySecurityToken"),
			 *reference = xml_child(xml_child(requested, NS_WSSE, "SecurityTokenReference"), NS_WSSE,
						"Reference");
	if (!xml_is(body, NS_WST, "RequestSecurityTokenResponseCollection") || !answer)
		return "not a RequestSecurityTokenResponseCollection";
	ret->message = xml_text(xml_child(answer, NS_WSTEP, "DispositionMessage"));
	str_to_u64(xml_text(xml_child(answer, NS_WSTEP, "RequestID")), INT32_MAX, &ret->request_id);
	if (xml_text(cmc).n > 0 && !base64_read(a, xml_text(cmc), ANSWER_MAX, &ret->cmc))
		return "a CMC answer that is not base64";
	if (leaf) {
		ret->issued = true;
		return base64_read(a, xml_text(leaf), ANSWER_MAX, &ret->leaf) && ret->leaf.n > 0
			       ? NULL
			       : "a certificate that is not base64";
	}
	ret->poll = xml_attribute(reference, "", "URI");
	if (ret->request_id == 0)
		return "neither a certificate nor the number of a request";
	return NULL;
}
