{{- define "progress-service.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Short enough for the suffixes of the other objects. */}}
{{- define "progress-service.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "progress-service.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "progress-service.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "progress-service.selectorLabels" -}}
app.kubernetes.io/name: {{ include "progress-service.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels of every object. */}}
{{- define "progress-service.labels" -}}
{{ include "progress-service.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Labels by which the Service and the policies find the pods that serve. */}}
{{- define "progress-service.servingLabels" -}}
{{ include "progress-service.selectorLabels" . }}
app.kubernetes.io/component: service
{{- end }}

{{- define "progress-service.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "progress-service.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "progress-service.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "progress-service.secretName" -}}
{{- if not .Values.existingSecret }}
{{- fail "existingSecret is required: the name of a Secret whose keys PROGRESS_MONGODB_URI and, for HS* tokens, PROGRESS_JWT_SECRET are environment variables of the service." }}
{{- end }}
{{- .Values.existingSecret }}
{{- end }}

{{/* Values that contradict each other; included by the Deployment. */}}
{{- define "progress-service.checkedValues" -}}
{{- if lt (int .Values.terminationGracePeriodSeconds) (add (int .Values.preStopSeconds) 15) }}
{{- fail "terminationGracePeriodSeconds must be at least 15 more than preStopSeconds: a stopping service needs up to 15 s." }}
{{- end }}
{{- $replicas := ternary (int .Values.autoscaling.maxReplicas) (int .Values.replicaCount) .Values.autoscaling.enabled }}
{{- $ledger := .Values.erasureLedger }}
{{- if and $ledger.enabled (not $ledger.existingClaim) (gt $replicas 1) (not (has "ReadWriteMany" $ledger.accessModes)) }}
{{- fail "erasureLedger.accessModes must contain ReadWriteMany when there are several pods: all of them append to the ledger." }}
{{- end }}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) }}
{{- fail "autoscaling.minReplicas must not exceed autoscaling.maxReplicas." }}
{{- end }}
{{- end }}

{{- define "progress-service.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "progress-service.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "progress-service.ledgerClaim" -}}
{{- default (printf "%s-erasure-ledger" (include "progress-service.fullname" .)) .Values.erasureLedger.existingClaim }}
{{- end }}

{{/* The text of a setting: lists are joined, and Helm's numbers, which are floats, stay as written. */}}
{{- define "progress-service.settingText" -}}
{{- if kindIs "slice" . }}
{{- join "," . }}
{{- else if and (kindIs "float64" .) (eq (floor .) .) }}
{{- int64 . }}
{{- else }}
{{- . }}
{{- end }}
{{- end }}
