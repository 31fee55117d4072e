from django.urls import path

from thidua.documents import views

app_name = "documents"
urlpatterns = [
    path("<int:document_id>/", views.document, name="document"),
    path("<int:document_id>/tai-ve/", views.download, name="download"),
    path("<int:document_id>/tao-lai/", views.retry, name="retry"),
]
