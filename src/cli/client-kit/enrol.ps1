# SPDX-License-Identifier: Apache-2.0
<#
.SYNOPSIS
Enrols this computer or user with the authority of authority.psd1.

.DESCRIPTION
With -Credential: trusts the authority, adds its policy for user names and passwords, and asks for a certificate.  A request
that waits for an operator stays among the certificate requests of the computer; run certutil -pulse once it is approved.

With -Thumbprint: adds the policy for renewals, with the certificate that came first as the credential.  From then on
autoenrolment renews it, without a password.

.EXAMPLE
.\enrol.ps1 -Credential (Get-Credential) -Template machine -DnsName web1.contoso.com

.EXAMPLE
.\enrol.ps1 -Thumbprint 0123456789ABCDEF0123456789ABCDEF01234567 -Template machine
#>
#Requires -Version 5.1
[CmdletBinding()]
param(
    [Parameter(Mandatory, ParameterSetName = 'Enrol')] [pscredential] $Credential,
    [Parameter(Mandatory, ParameterSetName = 'Renew')] [string] $Thumbprint,
    [Parameter(Mandatory)] [string] $Template,
    [Parameter(ParameterSetName = 'Enrol')] [string] $SubjectName,
    [Parameter(ParameterSetName = 'Enrol')] [string[]] $DnsName
)
$ErrorActionPreference = 'Stop'

$authority = Import-PowerShellDataFile (Join-Path $PSScriptRoot 'authority.psd1')
if (-not $authority.Templates.ContainsKey($Template)) {
    throw "the authority has no template '$Template'; it has: $($authority.Templates.Keys -join ', ')"
}
$context = $authority.Templates[$Template]
if ($context -eq 'Machine') {
    $store, $policies = 'Cert:\LocalMachine\My', 'HKLM:\SOFTWARE\Microsoft\Cryptography\PolicyServers'
} else {
    $store, $policies = 'Cert:\CurrentUser\My', 'HKCU:\SOFTWARE\Microsoft\Cryptography\PolicyServers'
}

function Add-Trust {
    foreach ($file in $authority.Roots) {
        Import-Certificate -FilePath (Join-Path $PSScriptRoot $file) -CertStoreLocation Cert:\LocalMachine\Root | Out-Null
    }
    foreach ($file in $authority.Intermediates) {
        Import-Certificate -FilePath (Join-Path $PSScriptRoot $file) -CertStoreLocation Cert:\LocalMachine\CA | Out-Null
    }
}

# The policies for one way to log in.  The cmdlet validates each with the server, and has no parameter for the priority.
function Add-Policies($Login, $With) {
    foreach ($policy in $authority.Policies | Where-Object { $_.Login -eq $Login }) {
        Add-CertificateEnrollmentPolicyServer -Url $policy.Url -Context $context -Credential $With -AutoEnrollmentEnabled | Out-Null
        Get-ChildItem $policies | Where-Object { $_.GetValue('URL') -eq $policy.Url } | ForEach-Object {
            Set-ItemProperty -LiteralPath $_.PSPath -Name Cost -Value $policy.Priority -Type DWord
        }
    }
}

if ($PSCmdlet.ParameterSetName -eq 'Renew') {
    Add-Policies 'Certificate' (Get-Item "$store\$Thumbprint")
    return
}
Add-Trust
Add-Policies 'Password' $Credential
$request = @{ Template = $Template; CertStoreLocation = $store; Credential = $Credential }
$request.Url = @($authority.Policies | Where-Object { $_.Login -eq 'Password' })[0].Url
if ($SubjectName) { $request.SubjectName = $SubjectName }
if ($DnsName) { $request.DnsName = $DnsName }
Get-Certificate @request
