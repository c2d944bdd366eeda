/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces and actions of MS-XCEP 2.2.1 and MS-WSTEP 2.2.1. */
#pragma once

#define NS_SOAP   "http://www.w3.org/2003/05/soap-envelope"
#define NS_WSA    "http://www.w3.org/2005/08/addressing"
#define NS_XCEP   "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy"
#define NS_WSTEP  "http://schemas.microsoft.com/windows/pki/2009/01/enrollment"
#define NS_WST    "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
#define NS_WSSE   "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
#define NS_WSU    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
#define NS_AUTH   "http://schemas.xmlsoap.org/ws/2006/12/authorization"
#define NS_XSI    "http://www.w3.org/2001/XMLSchema-instance"
#define NS_XMLENC "http://www.w3.org/2001/04/xmlenc#"

#define ACTION_GET_POLICIES          NS_XCEP "/IPolicy/GetPolicies"
#define ACTION_GET_POLICIES_RESPONSE NS_XCEP "/IPolicy/GetPoliciesResponse"
#define ACTION_RST                   NS_WSTEP "/RST/wstep"
#define ACTION_RSTRC                 NS_WSTEP "/RSTRC/wstep"
#define ACTION_KET                   NS_WST "/RST/KET"
#define ACTION_FAULT                 NS_WSA "/soap/fault"

#define WST_ISSUE    NS_WST "/Issue"
#define WST_RENEW    NS_WST "/Renew" /* of MDM's variant; taken as Issue */
#define WST_KET      NS_WST "/KET"
#define WSTEP_STATUS NS_WSTEP "/QueryTokenStatus"

#define TOKEN_X509   "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
#define TOKEN_PKCS7  NS_WSSE "#PKCS7"
#define TOKEN_PKCS10 NS_WSTEP "#PKCS10"
#define TOKEN_BASE64 NS_WSSE "#base64binary"

#define PASSWORD_TEXT "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
#define WSA_ANONYMOUS NS_WSA "/anonymous"
