/* SPDX-License-Identifier: Apache-2.0 */
#include "soap/envelope.h"

#include <time.h>

static bool wrong(struct soap_fault *fault, enum soap_code code, const char *text)
{
	*fault = (struct soap_fault){ .code = code, .text = str_of(text) };
	return false;
}

static bool digits(struct str *s, size_t n, int *ret)
{
	*ret = 0;
	for (size_t i = 0; i < n; i++) {
		if (i >= s->n || s->p[i] < '0' || s->p[i] > '9')
			return false;
		*ret = *ret * 10 + (s->p[i] - '0');
	}
	*s = str_skip(*s, n);
	return true;
}

static bool sign(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static void skip_fraction(struct str *s)
{
	if (sign(s, '.'))
		while (s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9')
			*s = str_skip(*s, 1);
}

static bool zone(struct str s, int *offset)
{
	int hours, minutes;
	*offset = 0;
	if (s.n == 0 || str_is(s, "Z"))
		return true;
	bool west = sign(&s, '-');
	if (!west && !sign(&s, '+'))
		return false;
	if (!digits(&s, 2, &hours) || !sign(&s, ':') || !digits(&s, 2, &minutes) || s.n > 0 || hours > 14 ||
	    minutes > 59)
		return false;
	*offset = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
	return true;
}

bool soap_time(struct str text, int64_t *ret)
{
	struct str s = text;
	struct tm t = { 0 };
	int offset;
	if (!digits(&s, 4, &t.tm_year) || !sign(&s, '-') || !digits(&s, 2, &t.tm_mon) || !sign(&s, '-') ||
	    !digits(&s, 2, &t.tm_mday) || !sign(&s, 'T') || !digits(&s, 2, &t.tm_hour) || !sign(&s, ':') ||
	    !digits(&s, 2, &t.tm_min) || !sign(&s, ':') || !digits(&s, 2, &t.tm_sec))
		return false;
	skip_fraction(&s);
	if (!zone(s, &offset) || t.tm_year < 1 || t.tm_mon < 1 || t.tm_mon > 12 || t.tm_mday < 1 || t.tm_mday > 31 ||
	    t.tm_hour > 24 || t.tm_min > 59 || t.tm_sec > 60)
		return false;
	t.tm_year -= 1900;
	t.tm_mon -= 1;
	*ret = (int64_t)timegm(&t) - offset;
	return true;
}

static bool is_must_understand(const struct xml *node)
{
	struct str m = xml_attribute(node, NS_SOAP, "mustUnderstand");
	return str_is(m, "1") || str_is(m, "true");
}

/* Headers that are understood (and those that may be ignored although they must be understood: none). */
static bool is_understood(const struct xml *node)
{
	static const char *const addressing[] = {
		"Action", "MessageID", "To", "ReplyTo", "From", "FaultTo", "RelatesTo"
	};
	if (xml_is(node, NS_WSSE, "Security"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(addressing); i++)
		if (xml_is(node, NS_WSA, addressing[i]))
			return true;
	return false;
}

static bool read_timestamp(const struct xml *security, struct soap_request *ret, struct soap_fault *fault)
{
	bool twice = false;
	const struct xml *stamp = xml_only(security, NS_WSU, "Timestamp", &twice);
	const struct xml *created = xml_only(stamp, NS_WSU, "Created", &twice),
			 *expires = xml_only(stamp, NS_WSU, "Expires", &twice);
	ret->has_created = created;
	ret->has_expires = expires;
	if (twice || (created && !soap_time(xml_text(created), &ret->created)) ||
	    (expires && !soap_time(xml_text(expires), &ret->expires)))
		return wrong(fault, SOAP_SENDER, "The timestamp of the security header is malformed.");
	return true;
}

static bool read_token(const struct xml *security, struct soap_request *ret, struct soap_fault *fault)
{
	bool twice = false;
	const struct xml *token = xml_only(security, NS_WSSE, "UsernameToken", &twice);
	const struct xml *username = xml_only(token, NS_WSSE, "Username", &twice),
			 *password = xml_only(token, NS_WSSE, "Password", &twice);
	if (twice)
		return wrong(fault, SOAP_SENDER, "There are several user names or passwords.");
	if (!token)
		return true;
	if (!username || !password)
		return wrong(fault, SOAP_SENDER, "The user name token lacks its name or its password.");
	struct str type = xml_attribute(password, "", "Type");
	if (!type.p)
		type = xml_attribute(password, NS_WSSE, "Type"); /* as cepces writes it */
	if (type.p && !str_is(str_trim(type), PASSWORD_TEXT))
		return wrong(fault, SOAP_SENDER, "A password is taken only as PasswordText.");
	ret->has_token = true;
	ret->username = xml_text(username);
	ret->password = password->text; /* blanks belong to it */
	return true;
}

static bool read_headers(const struct xml *header, struct soap_request *ret, struct soap_fault *fault)
{
	bool twice = false;
	const struct xml *action = xml_only(header, NS_WSA, "Action", &twice),
			 *id = xml_only(header, NS_WSA, "MessageID", &twice),
			 *security = xml_only(header, NS_WSSE, "Security", &twice);
	ret->message_id = xml_text(id);
	ret->action = xml_text(action);
	if (twice)
		return wrong(fault, SOAP_SENDER, "A header that may be there once is there twice.");
	for (const struct xml *node = header ? header->first : NULL; node; node = node->next)
		if (is_must_understand(node) && !is_understood(node))
			return wrong(fault, SOAP_MUST_UNDERSTAND, "A header that must be understood is unknown.");
	if (!action || ret->action.n == 0)
		return wrong(fault, SOAP_SENDER, "The message has no action.");
	return !security || (read_timestamp(security, ret, fault) && read_token(security, ret, fault));
}

bool soap_read_request(struct arena *a, struct str bytes, struct soap_request *ret, struct soap_fault *fault)
{
	const char *why = "";
	bool twice = false;
	*ret = (struct soap_request){ 0 };
	struct xml *envelope = xml_read(a, bytes, &why);
	if (!envelope)
		return wrong(fault, SOAP_SENDER, arena_printf(a, "The message is not XML: %s.", why));
	if (strcmp(envelope->name, "Envelope") != 0 || strcmp(envelope->ns, NS_SOAP) != 0)
		return wrong(fault, SOAP_VERSION, "The message is not a SOAP 1.2 envelope.");
	const struct xml *header = xml_only(envelope, NS_SOAP, "Header", &twice),
			 *body = xml_only(envelope, NS_SOAP, "Body", &twice);
	if (twice)
		return wrong(fault, SOAP_SENDER, "The envelope has several headers or bodies.");
	if (!read_headers(header, ret, fault))
		return false;
	if (!body || !body->first || body->first->next)
		return wrong(fault, SOAP_SENDER, "The body does not hold exactly one element.");
	ret->body = body->first;
	return true;
}

static void read_fault(const struct xml *node, struct soap_fault *ret)
{
	bool twice = false;
	const struct xml *reason = xml_child(xml_child(node, NS_SOAP, "Reason"), NS_SOAP, "Text"),
			 *code = xml_child(xml_child(node, NS_SOAP, "Code"), NS_SOAP, "Value"),
			 *detail = xml_only(xml_child(node, NS_SOAP, "Detail"), NS_WSTEP,
					    "CertificateEnrollmentWSDetail", &twice);
	uint64_t n;
	struct str number = xml_text(xml_child(detail, NS_WSTEP, "ErrorCode"));
	*ret = (struct soap_fault){
		.code = str_ends(xml_text(code), "Receiver") ? SOAP_RECEIVER : SOAP_SENDER,
		.text = xml_text(reason),
		.detail = detail != NULL,
		.invalid_request = str_is(xml_text(xml_child(detail, NS_WSTEP, "InvalidRequest")), "true"),
	};
	if (sign(&number, '-') && str_to_u64(number, UINT32_MAX, &n))
		ret->hresult = (uint32_t)(0 - (uint32_t)n);
	if (str_to_u64(xml_text(xml_child(detail, NS_WSTEP, "RequestID")), UINT32_MAX, &n))
		ret->request_id = n;
}

struct xml *soap_read_answer(struct arena *a, struct str bytes, struct soap_fault *fault, bool *is_fault,
			     const char **why)
{
	bool twice = false;
	*is_fault = false;
	struct xml *envelope = xml_read(a, bytes, why);
	const struct xml *body = xml_only(envelope, NS_SOAP, "Body", &twice);
	if (!envelope)
		return NULL;
	if (!xml_is(envelope, NS_SOAP, "Envelope") || !body || !body->first || body->first->next) {
		*why = "not a SOAP 1.2 envelope with one body";
		return NULL;
	}
	if (xml_is(body->first, NS_SOAP, "Fault")) {
		read_fault(body->first, fault);
		*is_fault = true;
	}
	return body->first;
}

static void begin(struct out *o, const char *action)
{
	out_text(o, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<s:Envelope xmlns:s=\"" NS_SOAP "\" xmlns:a=\"" NS_WSA
		    "\"><s:Header><a:Action s:mustUnderstand=\"1\">");
	out_text(o, action);
	out_text(o, "</a:Action>");
}

static void begin_body(struct out *o)
{
	out_text(o, "</s:Header><s:Body xmlns:xsi=\"" NS_XSI "\">");
}

void soap_begin_answer(struct out *o, const char *action, struct str relates_to)
{
	begin(o, action);
	if (relates_to.n > 0) {
		out_text(o, "<a:RelatesTo>");
		xml_escape(o, relates_to);
		out_text(o, "</a:RelatesTo>");
	}
	begin_body(o);
}

void soap_begin_request(struct out *o, const char *action, struct str message_id, struct str to, struct str username,
			struct str password)
{
	begin(o, action);
	out_text(o, "<a:MessageID>");
	xml_escape(o, message_id);
	out_text(o, "</a:MessageID><a:ReplyTo><a:Address>" WSA_ANONYMOUS
		    "</a:Address></a:ReplyTo><a:To s:mustUnderstand=\"1\">");
	xml_escape(o, to);
	out_text(o, "</a:To>");
	if (username.n > 0) {
		out_text(o, "<o:Security s:mustUnderstand=\"1\" xmlns:o=\"" NS_WSSE "\"><o:UsernameToken><o:Username>");
		xml_escape(o, username);
		out_text(o, "</o:Username><o:Password Type=\"" PASSWORD_TEXT "\">");
		xml_escape(o, password);
		out_text(o, "</o:Password></o:UsernameToken></o:Security>");
	}
	begin_body(o);
}

void soap_end(struct out *o)
{
	out_text(o, "</s:Body></s:Envelope>\n");
}

static void put_detail(struct out *o, const struct soap_fault *fault)
{
	out_text(o,
		 "<s:Detail><CertificateEnrollmentWSDetail xmlns=\"" NS_WSTEP "\"><BinaryResponse xsi:nil=\"true\"/>");
	/* The HRESULT as a signed number (MS-WSTEP 3.1.4.1.2.3). */
	out_printf(o, "<ErrorCode>%d</ErrorCode><InvalidRequest>%s</InvalidRequest>", (int32_t)fault->hresult,
		   fault->invalid_request ? "true" : "false");
	if (fault->request_id)
		soap_put_number(o, "RequestID", fault->request_id);
	else
		soap_put(o, "RequestID", NO_STR);
	out_text(o, "</CertificateEnrollmentWSDetail></s:Detail>");
}

void soap_write_fault(struct out *o, const struct soap_fault *fault, struct str relates_to)
{
	static const char *const codes[] = { "s:Sender", "s:Receiver", "s:MustUnderstand", "s:VersionMismatch" };
	soap_begin_answer(o, ACTION_FAULT, relates_to);
	out_printf(o, "<s:Fault><s:Code><s:Value>%s</s:Value>", codes[fault->code]);
	if (fault->subcode)
		out_printf(o,
			   "<s:Subcode><s:Value xmlns:wsse=\"" NS_WSSE "\" xmlns:wst=\"" NS_WST
			   "\">%s</s:Value></s:Subcode>",
			   fault->subcode);
	out_text(o, "</s:Code><s:Reason><s:Text xml:lang=\"en-US\">");
	xml_escape(o, fault->text);
	out_text(o, "</s:Text></s:Reason>");
	if (fault->detail)
		put_detail(o, fault);
	out_text(o, "</s:Fault>");
	soap_end(o);
}

void soap_put(struct out *o, const char *name, struct str text)
{
	if (!text.p) {
		out_printf(o, "<%s xsi:nil=\"true\"/>", name);
		return;
	}
	out_printf(o, "<%s>", name);
	xml_escape(o, text);
	out_printf(o, "</%s>", name);
}

void soap_put_number(struct out *o, const char *name, uint64_t n)
{
	out_printf(o, "<%s>%llu</%s>", name, (unsigned long long)n, name);
}

void soap_put_flag(struct out *o, const char *name, bool on)
{
	out_printf(o, "<%s>%s</%s>", name, on ? "true" : "false", name);
}
